const RunApp = () => null
export default RunApp

const TraceApp = () => null
export default TraceApp

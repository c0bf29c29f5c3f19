const LogsApp = () => null
export default LogsApp

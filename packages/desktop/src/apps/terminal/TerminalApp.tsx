const TerminalApp = () => null
export default TerminalApp

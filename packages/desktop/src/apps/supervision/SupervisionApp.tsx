const SupervisionApp = () => null
export default SupervisionApp

const ViewerApp = () => null
export default ViewerApp

const InboxApp = () => null
export default InboxApp

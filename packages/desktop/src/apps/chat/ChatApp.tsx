const ChatApp = () => null
export default ChatApp

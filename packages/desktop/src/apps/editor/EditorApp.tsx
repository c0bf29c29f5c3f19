const EditorApp = () => null
export default EditorApp

const FilesApp = () => null
export default FilesApp

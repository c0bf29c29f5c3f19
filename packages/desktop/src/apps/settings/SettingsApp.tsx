const SettingsApp = () => null
export default SettingsApp

export const Bar = () => <footer />

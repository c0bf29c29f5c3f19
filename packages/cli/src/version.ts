/** The version of the product, as in its package.json. */
export const version = "0.1.0"

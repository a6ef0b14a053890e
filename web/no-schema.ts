/**
 * Stands in for TypeBox in the pages' bundle. The route table builds its schemas when it is loaded, but a page only
 * reads methods and paths from it: the server checks the bodies, TypeScript their types. It spares the first load the library.
 */
export const Type: Record<string, () => object> = new Proxy({}, { get: () => () => ({}) })

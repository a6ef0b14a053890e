/** Whatever is asked of it, it is that again: a schema made from the parts of another is as empty as that one. */
const nothing: object = new Proxy(() => nothing, { get: () => nothing, apply: () => nothing })

/**
 * Stands in for TypeBox in the pages' bundle. The route table builds its schemas when it is loaded, but a page only
 * reads methods and paths from it: the server checks the bodies, TypeScript their types. It spares the first load the library.
 */
export const Type = nothing as Record<string, () => object>

/**
 * Stands for TypeBox in the bundled command line (see bin/build). The route table's schemas are for the server, which
 * checks what it is sent; the command line needs each route's method and path only, and must not wait while hundreds of
 * schemas are made that nobody looks at. Whatever is asked of it, it is nothing.
 */
const nothing: object = new Proxy(() => nothing, { get: () => nothing })

export const Type = nothing

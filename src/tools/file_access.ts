/**
 * How a client's files reach this server: by their paths, since both are on one machine; by links,
 * through which whoever has the file sends it; or both.
 */
export type FileAccess = 'paths' | 'links' | 'both';

export { type RepositoryServer, type RequestLine, serveRepository } from "./serve-repository.ts";

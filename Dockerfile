# `geopera-mcp http` in a container: docs/deploy.md.
FROM node:20-slim AS build
WORKDIR /src
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run --silent build

FROM node:20-slim
WORKDIR /app
# Owned by root, as the folder is: what runs here can change none of it.
COPY LICENSE ./
COPY --from=build /src/dist ./dist
RUN install -d -o 1000 -g 1000 -m 0700 /var/lib/geopera-mcp
VOLUME /var/lib/geopera-mcp
# A container starts too seldom to keep bytecode, and its root may be read-only.
ENV NODE_ENV=production \
    NODE_DISABLE_COMPILE_CACHE=1 \
    GEOPERA_STATE_DIR=/var/lib/geopera-mcp
# The image's user `node`, by number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GEOPERA_HTTP_PORT ?? 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# In this form signals reach the server itself.
ENTRYPOINT ["node", "dist/cli.cjs"]
CMD ["http", "--host", "0.0.0.0"]

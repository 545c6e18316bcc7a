# The images of Warble. One file, several targets:
#
#   api       REST, live events, the page          docker build --target api .
#   workers   jobs, relay, schedules
#   tools     one-shot programs: migrate (default), users, backup, restore
#   nginx     nginx with the built page; its configuration is mounted
#
# The server has no build step: Node 24 runs TypeScript as it is. Packages come before sources, so a
# change of the sources installs nothing anew. uWebSockets.js needs glibc 2.38, which trixie has.

ARG NODE_IMAGE=node:24-trixie-slim
ARG NGINX_IMAGE=nginx:1.28

FROM ${NODE_IMAGE} AS base
WORKDIR /app

# ---- packages of production ----------------------------------------------------------------------
FROM base AS dependencies
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund

# ---- the page ------------------------------------------------------------------------------------
FROM base AS client
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --include=dev --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
COPY client ./client
RUN node src/client-build.ts

# ---- what all programs share ---------------------------------------------------------------------
FROM base AS runtime
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY migrations ./migrations
COPY src ./src
COPY workers ./workers
# A new volume takes the owner of what it is mounted over.
RUN mkdir -p /data/media /backups && chown -R node:node /data /backups
ENV DATA_DIR=/data
USER node
STOPSIGNAL SIGTERM

# ---- targets -------------------------------------------------------------------------------------
FROM runtime AS api
COPY --from=client /app/client/dist ./client/dist
EXPOSE 8000 9100
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "src/health-check.ts", "http://127.0.0.1:8000/readyz"]
CMD ["node", "src/main.ts"]

FROM runtime AS workers
EXPOSE 9100 9200
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "src/health-check.ts", "http://127.0.0.1:9100/metrics"]
CMD ["node", "workers/main.ts"]

FROM runtime AS tools
CMD ["node", "src/migrate.ts"]

# nginx/ of this repository is mounted at /etc/nginx/warble, the pictures at /srv/warble/media.
FROM ${NGINX_IMAGE} AS nginx
WORKDIR /srv/warble
RUN mkdir media tmp
COPY --from=client /app/client/dist ./client
USER nginx
STOPSIGNAL SIGQUIT
EXPOSE 80
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1/"]
ENTRYPOINT ["nginx", "-p", "/srv/warble/", "-c", "/etc/nginx/warble/nginx.conf", "-e", "stderr"]
CMD ["-g", "daemon off;"]

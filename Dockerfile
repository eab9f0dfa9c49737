# One image for every role: `docker run slipstream COMMAND`, or ROLE=COMMAND.
ARG NODE=node:24.21.0-bookworm-slim

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/client.mjs scripts/console.mjs scripts/kernels.mjs scripts/
COPY src src
COPY layers layers
# The bundle holds Effect already, and what builds it has done its work: only what it loads at run time stays.
RUN npm run build \
  && npm prune --omit=dev \
  && rm -rf node_modules/effect node_modules/@effect node_modules/esbuild node_modules/@esbuild \
    node_modules/assemblyscript node_modules/binaryen node_modules/typescript node_modules/@typescript

FROM ${NODE}
ENV NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0 PORT=8000 HEALTH_PORT=8001 LOG_FORMAT=logfmt
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
# What Spark runs, where it is the engine: Spark and Java are not in this image.
COPY scripts/spark scripts/spark
USER node
VOLUME /data
EXPOSE 8000
# The API answers at PORT, every other role at HEALTH_PORT.
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --retries=3 CMD ["node", "-e", "const ready = (port) => fetch(`http://127.0.0.1:${port}/health/ready`).then(({ ok }) => ok || Promise.reject()); Promise.any([process.env.PORT || 8000, process.env.HEALTH_PORT].filter(Boolean).map(ready)).then(() => process.exit(0), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]

# A small image that runs as nobody in particular.
#   docker build -t clearpost .
#   docker run --rm -v "$PWD:/work:ro" clearpost check .
FROM rust:1-alpine AS build
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo install --locked --path . --root /out

FROM alpine:3
# git tells what a change touched.
# hadolint ignore=DL3018
RUN apk add --no-cache git \
    && adduser -D -u 10001 clearpost \
    && git config --system --add safe.directory '*'
COPY --from=build /out/bin/clearpost /usr/local/bin/clearpost
USER 10001
WORKDIR /work
ENTRYPOINT ["clearpost"]
CMD ["--help"]

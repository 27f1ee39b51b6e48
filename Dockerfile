# Two steps of building, so that a change of code does not compile the dependencies again; then a small image with
# nothing in it but the binary, run by a user that is not root.

FROM rust:1.95-bookworm AS build
WORKDIR /build

# Dependencies: the manifests with empty sources.
COPY Cargo.toml Cargo.lock ./
COPY entity/Cargo.toml entity/Cargo.toml
COPY migration/Cargo.toml migration/Cargo.toml
RUN mkdir -p src entity/src migration/src tests/api \
 && echo 'fn main() {}' | tee src/main.rs tests/api/main.rs >/dev/null \
 && touch src/lib.rs entity/src/lib.rs migration/src/lib.rs \
 && cargo build --release --locked --bin partner-portal \
 && rm -rf src entity/src migration/src tests

# The code itself.
COPY entity/src entity/src
COPY migration/src migration/src
COPY src src
COPY templates templates
RUN mkdir -p tests/api && echo 'fn main() {}' >tests/api/main.rs \
 && find src entity migration -name '*.rs' -exec touch {} + \
 && cargo build --release --locked --bin partner-portal \
 && mkdir -p /data /files

FROM debian:bookworm-slim
# Whom connections to mail servers trust.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/release/partner-portal /usr/local/bin/partner-portal
# Where the embedded database lives when no other is configured; the user owns it.
COPY --from=build --chown=10001:10001 /data /data
# Where a volume that servers share for files that people send belongs (PARTNER_PORTAL_FILES=folder:/files): a new volume
# takes over whose the folder is.
COPY --from=build --chown=10001:10001 /files /files
USER 10001:10001
WORKDIR /data
VOLUME /data
ENV PARTNER_PORTAL_LISTEN=0.0.0.0:8080 \
    PARTNER_PORTAL_DATABASE_URL=sqlite:/data/portal.sqlite3 \
    PARTNER_PORTAL_LOG_FORMAT=json
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["/usr/local/bin/partner-portal", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/partner-portal"]
CMD ["serve"]

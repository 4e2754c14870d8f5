# The program in a small image: docker build -t imednet . (docs/install.md#container)
FROM debian:12-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates git make \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN make build && cmake --install build/release --prefix /opt/imednet --component program

FROM debian:12-slim
# What the program loads besides its own libraries.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libcurl4 libfmt9 libspdlog1.10 libssl3 libstdc++6 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin imednet
COPY --from=build /opt/imednet/bin/imednet /opt/imednet/bin/imednet
COPY --from=build /opt/imednet/lib/imednet /opt/imednet/lib/imednet
COPY --from=build /opt/imednet/share/doc/imednet /opt/imednet/share/doc/imednet
# The Snowflake driver reads these when the process starts; set here, the program need not start itself again.
# The user has no home: what a run notes for the next one goes to /tmp, or to a volume named here or by --state-dir.
ENV PATH=/opt/imednet/bin:$PATH SNOWFLAKE_DISABLE_PLATFORM_DETECTION=true SF_DISABLE_MINICORE=true XDG_STATE_HOME=/tmp
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["/opt/imednet/bin/imednet"]
CMD ["--help"]

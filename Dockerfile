# One file for all images: docker compose builds gateway, primary-node, backup-node and demo-client from its targets.

FROM node:22.14.0-bookworm-slim AS dashboard
WORKDIR /source
COPY gateway/Dashboard .
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund && npm run build -- --outDir /dashboard --emptyOutDir

FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends clang libbpf-dev linux-libc-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# One by one: a change of what is beside them compiles nothing anew.
COPY .editorconfig Directory.Build.props Directory.Packages.props global.json ./
COPY bpf bpf
COPY shared shared
COPY gateway gateway
COPY primary-node primary-node
COPY backup-node backup-node
COPY cli cli
COPY lab lab
RUN --mount=type=cache,target=/root/.nuget/packages \
    for project in gateway/Appliance.Gateway primary-node/Appliance.PrimaryNode backup-node/Appliance.BackupNode lab/Appliance.Lab cli/Appliance.Cli; do \
      dotnet publish "$project.csproj" -c Release -o "/published/${project##*/}" -v q -nologo -p:RunAnalyzers=false -p:Dashboard=false || exit 1; \
    done

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble AS base
RUN apt-get update \
 && apt-get install -y --no-install-recommends libbpf1 libnftables1 libpcap0.8 iproute2 \
 && rm -rf /var/lib/apt/lists/*
# The file system is read-only: the runtime must not want its diagnostics socket.
ENV DOTNET_EnableDiagnostics=0
COPY --from=build /published/Appliance.Cli /opt/appliance/cli
RUN ln -s /opt/appliance/cli/appliance /usr/local/bin/appliance

# Healthy is ready: the client of compose.yaml waits for it, so that its connections are protected from the first on.
FROM base AS gateway
COPY --from=build /published/Appliance.Gateway /opt/appliance/gateway
COPY --from=dashboard /dashboard /opt/appliance/gateway/wwwroot
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --start-interval=500ms \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '^HTTP/1.1 200' <&3"]
ENTRYPOINT ["/opt/appliance/gateway/appliance-gateway"]
CMD ["--config", "/etc/appliance/gateway.yaml"]

# A node is the agent and the server in one container: they share a network, and die together as on a real host.
FROM base AS node
COPY --from=build /published/Appliance.Lab /opt/appliance/demo
COPY docker/node-entrypoint /usr/local/bin/
# The agent's interface and the demo server's port: this node's own, which no gateway sees.
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --start-interval=500ms \
  CMD ["bash", "-c", "ss -Htln | grep -q :7401 && exec 3<>/dev/tcp/127.0.0.1/7001"]
ENTRYPOINT ["node-entrypoint"]
CMD ["/opt/appliance/demo/appliance-lab", "traffic-server"]

FROM node AS primary-node
COPY --from=build /published/Appliance.PrimaryNode /opt/appliance/node
ENV APPLIANCE_AGENT=/opt/appliance/node/appliance-primary-node

FROM node AS backup-node
COPY --from=build /published/Appliance.BackupNode /opt/appliance/node
ENV APPLIANCE_AGENT=/opt/appliance/node/appliance-backup-node

FROM base AS demo-client
COPY --from=build /published/Appliance.Lab /opt/appliance/demo
COPY docker/client-entrypoint /usr/local/bin/
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --start-interval=500ms \
  CMD ["bash", "-c", "ss -Htn state established dst $APPLIANCE_SERVICE | grep -q ."]
ENTRYPOINT ["client-entrypoint"]

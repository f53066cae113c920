# Stand-ins for the public images that Dockerfile and compose.yaml name, where no registry can be reached: Debian, and the .NET of the
# build context "dotnet". docker/try builds them; nobody should ship them.
FROM appliance/stand-in AS base
# Where no package that is installed later puts its own.
COPY ca-certificates.crt /etc/ssl/
# The checker's certificate services need not be reachable either.
ENV SSL_CERT_FILE=/etc/ssl/ca-certificates.crt NUGET_CERT_REVOCATION_MODE=offline DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 APP_UID=1654
RUN apt-get update && apt-get install -y --no-install-recommends libssl3 libstdc++6 && rm -rf /var/lib/apt/lists/* && useradd -r -u 1654 app

FROM base AS aspnet
COPY --from=dotnet host /usr/share/dotnet/host
COPY --from=dotnet shared /usr/share/dotnet/shared
COPY --from=dotnet dotnet /usr/share/dotnet/
RUN ln -s ../share/dotnet/dotnet /usr/bin/dotnet

FROM base AS sdk
COPY --from=dotnet . /usr/share/dotnet
RUN ln -s ../share/dotnet/dotnet /usr/bin/dotnet

FROM base AS redis
RUN apt-get update && apt-get install -y --no-install-recommends redis-server && rm -rf /var/lib/apt/lists/* && mkdir /data && chown redis /data
VOLUME /data

# Debian's own npm comes in three hundred packages.
FROM base AS node
ADD https://registry.npmjs.org/npm/-/npm-10.9.4.tgz /
RUN apt-get update && apt-get install -y --no-install-recommends nodejs && rm -rf /var/lib/apt/lists/* \
 && mkdir /opt/npm && tar -xzf /npm-10.9.4.tgz --strip-components=1 -C /opt/npm && ln -s /opt/npm/bin/npm-cli.js /usr/local/bin/npm

FROM node:24-slim AS assets
WORKDIR /src
COPY schema/schema.graphql schema/
COPY gateway/graphiql gateway/graphiql
COPY gateway/console gateway/console
RUN npm --prefix gateway/graphiql ci && npm --prefix gateway/graphiql run build \
    && npm --prefix gateway/console ci && npm --prefix gateway/console run build

FROM python:3.13-slim AS build
WORKDIR /src
COPY constraints.txt ./
# pip checks the hashes here; everything later is taken from this folder alone.
RUN pip download --require-hashes --no-deps --dest /wheels -r constraints.txt
COPY . .
COPY --from=assets /src/gateway/graphiql/dist gateway/graphiql/dist
COPY --from=assets /src/gateway/console/dist gateway/console/dist
RUN pip wheel --no-index --find-links /wheels --no-deps --wheel-dir /wheels .
# Without pip, and compiled already: the image's files are never written again.
RUN python -m venv --without-pip /opt/telegraphql && pip --python /opt/telegraphql/bin/python install --no-cache-dir --compile --no-index --find-links /wheels telegraphql

FROM python:3.13-slim
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="TelegraphQL" \
      org.opencontainers.image.description="One GraphQL list over all your telephony providers" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A number, so that Kubernetes can tell that it is not root; and without the base image's own pip.
RUN useradd --uid 10001 --user-group --create-home telegraphql \
    && rm -rf /usr/local/bin/pip* /usr/local/lib/python*/ensurepip /usr/local/lib/python*/site-packages/pip*
COPY --from=build /opt/telegraphql /opt/telegraphql
ENV PATH=/opt/telegraphql/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /home/telegraphql
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from os import environ as e; from urllib.request import urlopen; urlopen('http://127.0.0.1:' + e.get('TELEGRAPHQL_SERVER__PORT', '8000') + '/healthz', timeout=3)"]
ENTRYPOINT ["telegraphql"]
CMD ["serve", "--host", "0.0.0.0"]

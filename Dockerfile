FROM node:24-slim AS assets
WORKDIR /src
COPY gateway/graphiql ./
RUN npm ci && npm run build

FROM python:3.13-slim AS build
WORKDIR /src
COPY constraints.txt ./
# pip checks the hashes here; everything later is taken from this folder alone.
RUN pip download --require-hashes --no-deps --dest /wheels -r constraints.txt
COPY . .
COPY --from=assets /src/dist gateway/graphiql/dist
RUN pip wheel --no-index --find-links /wheels --no-deps --wheel-dir /wheels .
RUN python -m venv /opt/telegraphql && /opt/telegraphql/bin/pip install --no-index --find-links /wheels telegraphql

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home telegraphql
COPY --from=build /opt/telegraphql /opt/telegraphql
ENV PATH=/opt/telegraphql/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /home/telegraphql
EXPOSE 8000
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["telegraphql"]
CMD ["serve", "--host", "0.0.0.0"]

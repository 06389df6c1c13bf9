# docker build -t csnet .
# docker run --rm -p 8080:8080 csnet                                                  # the page and POST /v1/saliency
# docker run --rm -v "$PWD:/data" csnet predict --checkpoint best.safetensors photos --out maps
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /csnet ./cmd/csnet

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /csnet /usr/local/bin/csnet
COPY LICENSE /usr/share/doc/csnet/LICENSE
COPY configs /usr/share/csnet/configs
USER nonroot:nonroot
WORKDIR /data
EXPOSE 8080
# SIGTERM, which docker stop sends, lets requests at work end.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=5s CMD ["/usr/local/bin/csnet", "serve", "--probe", "--addr", "127.0.0.1:8080"]
ENTRYPOINT ["/usr/local/bin/csnet"]
CMD ["serve", "--addr", "0.0.0.0:8080"]

# docker build -t csnet .
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
ENTRYPOINT ["/usr/local/bin/csnet"]

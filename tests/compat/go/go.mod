// below annals.dev/annals, so that it may have the client's test server
module annals.dev/annals/compat

go 1.24.0

require (
	annals.dev/annals v0.0.0
	github.com/makkalot/eskit/generated/grpc/go v0.0.0
	google.golang.org/grpc v1.76.0
	google.golang.org/protobuf v1.36.11
)

require (
	golang.org/x/net v0.42.0 // indirect
	golang.org/x/sys v0.34.0 // indirect
	golang.org/x/text v0.27.0 // indirect
	google.golang.org/genproto/googleapis/api v0.0.0-20250804133106-a7a43d27e69b // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20250804133106-a7a43d27e69b // indirect
)

replace annals.dev/annals => ../../../clients/go

replace github.com/makkalot/eskit/generated/grpc/go => ./generated

module github.com/makkalot/eskit/generated/grpc/go

go 1.24

// Package tensorboard writes the event files that TensorBoard shows.
//
// A file is a row of records (the TFRecord format): the length of the payload in
// 8 bytes, a checksum of these, the payload, a checksum of the payload; numbers
// are little-endian, checksums CRC-32C, masked. The payload is the protocol
// buffer tensorflow.Event; only the fields used here are known to this package.
package tensorboard

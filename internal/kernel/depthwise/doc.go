// Package depthwise holds the 3x3 convolutions in which every output reads one input
// channel, and their weight gradient. Package kernel explains the names.
package depthwise

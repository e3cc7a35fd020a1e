/// How many bytes may come out of a gzip file or a ZIP archive: a few kilobytes of one can become more than a disk holds.
///
/// - Bounds: above 64 MiB, what comes out is also at most 200 times what is packed; statements and CSV come to some 30 times.
package struct UnpackedBound: Sendable {
    /// 4 GiB, for what is read piece by piece.
    package static let stream = UnpackedBound(bytes: 4 << 30)
    /// 256 MiB, as much as may be sent, for what is copied as a whole.
    package static let whole = UnpackedBound(bytes: 256 << 20)

    private let bytes: Int
    package init(bytes: Int) { self.bytes = bytes }

    private static let bytesOfAnyRatio = 64 << 20, ratio = 200

    /// - Parameter packed: Bytes; 0 where nobody knows how many there are.
    /// - Errors: `FileFault` when too many bytes came out.
    func check(_ unpacked: Int, of packed: Int, _ path: String) throws(FileFault) {
        guard unpacked <= bytes else { throw FileFault(path: path, "unpacks to more than \(bytes >> 20) MiB: split it") }
        guard unpacked <= Self.bytesOfAnyRatio || packed == 0 || unpacked / Self.ratio < packed else {
            throw FileFault(
                path: path, "unpacks to more than \(Self.ratio) times its size: see what is in it, and send that unpacked")
        }
    }
}

/// The bytes of a text file, gzipped or not, from first to last: UTF-16, which its mark or its zero bytes show, becomes UTF-8. A zero byte in
/// it is a fault: no text holds one, and databases differ in what they make of it.
final class TextInput {
    let path: String
    private let file: InputFile
    private let encoding: Encoding
    /// Bytes ready to be told from `at` on.
    private var told: [UInt8] = []
    private var at = 0
    /// Of UTF-16: the bytes of a character that the last block cut.
    private var cut: [UInt8] = []

    private enum Encoding { case bytes, little, big }
    private static let blockSize = 64 * 1024

    private let isOnlyLookedAt: Bool

    /// - Parameter isOnlyLookedAt: Whether it is read to see what it is: then it may hold zero bytes.
    init(path: String, isOnlyLookedAt: Bool = false) throws(FileFault) {
        self.isOnlyLookedAt = isOnlyLookedAt
        let input = try InputFile(path: path)
        let head = try block(of: input, 2)
        (self.path, file) = (path, input)
        let isMarked = head == [0xFF, 0xFE] || head == [0xFE, 0xFF]
        if head.count < 2 || (head[0] == 0) == (head[1] == 0), !isMarked {
            (encoding, told) = (.bytes, head)
        } else {
            encoding = isMarked ? head[0] == 0xFF ? .little : .big : head[1] == 0 ? .little : .big
            if !isMarked { cut = head }
        }
    }

    /// Fills `buffer`; fewer bytes only at the end of the file, then 0.
    ///
    /// - Errors: those of `InputFile`; UTF-16 that ends within a character.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        var count = 0
        while count < buffer.count {
            let more = try some(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            guard more > 0 else { break }
            guard isOnlyLookedAt || !buffer[count..<count + more].contains(0) else {
                throw FileFault(path: path, "holds a zero byte: it is damaged or no text")
            }
            count += more
        }
        return count
    }

    private func some(into buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        if at == told.count {
            guard encoding != .bytes else { return try file.read(into: buffer) }
            guard try refill() else { return 0 }
        }
        let count = min(buffer.count, told.count - at)
        buffer.copyBytes(from: told[at..<at + count])
        at += count
        return count
    }

    /// - Returns: false at the end of the file.
    private func refill() throws(FileFault) -> Bool {
        while true {
            let block = try block(of: file, Self.blockSize)
            guard !block.isEmpty else {
                guard cut.isEmpty else { throw FileFault(path: path, "the UTF-16 text is cut off: fetch it again") }
                return false
            }
            let bytes = cut + block
            var units = stride(from: 0, to: bytes.count - 1, by: 2).map { at in
                encoding == .little ? UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8 : UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1])
            }
            let isSplit = units.last.map { (0xD800...0xDBFF).contains($0) } ?? false
            if isSplit { units.removeLast() }
            cut = Array(bytes[(units.count * 2)...])
            (told, at) = (Array(String(decoding: units, as: UTF16.self).utf8), 0)
            if !told.isEmpty { return true }
        }
    }
}

private func block(of file: InputFile, _ size: Int) throws(FileFault) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    defer { buffer.deallocate() }
    return Array(buffer[..<(try file.read(into: buffer))])
}

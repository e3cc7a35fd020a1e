/// The lines of a text file, gzipped or not, in the memory of one line.
///
/// - Shape: lines end in LF, CRLF or CR; a byte order mark is skipped; text as `TextInput` and `decodedText` take it.
/// - Errors: `FileFault` for a line above 1 MiB.
final class TextLines {
    let path: String
    /// 1-based number of the line told last.
    private(set) var number = 0
    private let file: TextInput
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    private var at = 0, end = 0
    private var endedInReturn = false

    private static let lineBound = 1 << 20

    init(path: String) throws(FileFault) {
        file = try TextInput(path: path)
        self.path = path
        guard try hasMore() else { return }
        let head = buffer[..<min(end, 3)]
        if head.elementsEqual([0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    deinit { buffer.deallocate() }

    /// - Returns: nil at the end of the file.
    func next() throws(FileFault) -> String? {
        var line: [UInt8] = [], isOpen = false
        while try hasMore() {
            if endedInReturn {
                endedInReturn = false
                if buffer[at] == 10 {
                    at += 1
                    continue
                }
            }
            let stop = buffer[at..<end].firstIndex { $0 == 10 || $0 == 13 } ?? end
            line.append(contentsOf: buffer[at..<stop])
            guard line.count <= Self.lineBound else {
                throw FileFault(path: path, line: number + 1, "a line above 1 MiB: is it the right file?")
            }
            (at, isOpen) = (stop, true)
            guard stop < end else { continue }
            endedInReturn = buffer[stop] == 13
            at += 1
            number += 1
            return decodedText(line)
        }
        guard isOpen else { return nil }
        number += 1
        return decodedText(line)
    }

    private func hasMore() throws(FileFault) -> Bool {
        if at == end { (at, end) = (0, try file.read(into: buffer)) }
        return at < end
    }
}

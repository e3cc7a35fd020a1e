import Domain

/// A text put together from pieces of a file, each character with its place there.
struct PlacedText {
    private(set) var characters: [Character] = []
    private var pieces: [(start: Int, line: Int, column: Int)] = []

    /// The largest file that is read as one text.
    static let byteBound = 8 << 20

    init() {}

    /// The whole file; lines end in one line feed each.
    ///
    /// - Errors: `FileFault` for a file above 8 MiB.
    init(path: String) throws(FileFault) {
        let lines = try TextLines(path: path)
        var size = 0
        while let line = try lines.next() {
            size += line.utf8.count + 1
            guard size <= Self.byteBound else { throw FileFault(path: path, line: lines.number, "is above 8 MiB: split it") }
            append(line, line: lines.number, column: 1)
            characters.append("\n")
        }
    }

    /// - Parameter column: Where the piece starts on its line, from 1.
    mutating func append(_ text: String, line: Int, column: Int) {
        pieces.append((characters.count, line, column))
        characters += text
    }

    /// The place of `range`: where it spans several pieces, each of them.
    func citation(_ range: Range<Int>) -> Citation {
        var low = 0, high = pieces.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].start <= range.lowerBound { low = middle } else { high = middle }
        }
        guard !pieces.isEmpty else { return Citation(line: 1, columns: 1..<1) }
        var citation = Citation(line: pieces[low].line, columns: columns(of: range, in: low))
        for piece in pieces.indices[(low + 1)...].prefix(while: { pieces[$0].start < range.upperBound }) {
            let columns = columns(of: range, in: piece)
            if !columns.isEmpty { citation.further.append(.init(line: pieces[piece].line, columns: columns)) }
        }
        return citation
    }

    /// The characters of a piece that a range covers, without the end of its line.
    private func columns(of range: Range<Int>, in piece: Int) -> Range<Int> {
        let (start, _, column) = pieces[piece]
        var end = min(range.upperBound, piece + 1 < pieces.count ? pieces[piece + 1].start : characters.count)
        if end > start, end < range.upperBound, characters[end - 1].isNewline { end -= 1 }
        let from = max(range.lowerBound, start)
        return (column + from - start)..<max(column + from - start, column + end - start)
    }

    func string(_ range: Range<Int>) -> String { String(characters[range]) }
}

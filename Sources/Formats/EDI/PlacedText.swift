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

    /// The place of `range`; its end is that of the first line when it spans several.
    func citation(_ range: Range<Int>) -> Citation {
        var low = 0, high = pieces.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].start <= range.lowerBound { low = middle } else { high = middle }
        }
        guard !pieces.isEmpty else { return Citation(line: 1, columns: 1..<1) }
        let piece = pieces[low], end = low + 1 < pieces.count ? pieces[low + 1].start : characters.count
        let from = piece.column + range.lowerBound - piece.start
        return Citation(line: piece.line, columns: from..<max(from, piece.column + min(range.upperBound, end) - piece.start))
    }

    func string(_ range: Range<Int>) -> String { String(characters[range]) }
}

/// What the words of receipts are read by: the references of all items. It does not change when cash is applied, so receipts may be read
/// ahead.
package struct ReferenceIndex: Sendable {
    /// Keys of references → position of the item × 4 + field: 0 number, 1 order, 2 purchase order, 3 end-to-end id.
    var references = KeyTable()
    var shapes = NumberShapes()
    private(set) var beginnings = ReferenceBeginnings()

    mutating func insert(_ reference: String, _ position: Int32, field: Int32) {
        let bytes = ReferenceText(reference).bytes
        guard bytes.count >= ReferenceText.shortest else { return }
        references.insert(position * 4 + field, for: ReferenceKey.whole(bytes))
        beginnings.add(bytes)
        let digits = bytes.reversed().prefix { $0 < 58 }.count, head = bytes[..<(bytes.count - digits)]
        if let (key, _) = ReferenceKey.number(bytes[(bytes.count - digits)...]) {
            references.insert(position * 4 + field, for: key)
            let letters = head.suffix(head.reversed().prefix { $0 >= 58 }.count)
            if !letters.isEmpty { references.insert(position * 4 + field, for: ReferenceKey.number(key, of: letters)) }
        }
        if field == 0 { shapes.add(bytes) }
    }

    package func read(_ words: PayerWords) -> ReceiptReading {
        let text = ReferenceText(words.remittance, keepsJoints: true)
        return ReceiptReading(
            words,
            ReferenceScan(
                self, structured: words.structuredReference, text, says: PaymentWords(words.remittance, text),
                endToEndID: words.endToEndID),
            text)
    }
}

/// How references begin and how long they are: most words of a text are told by it to be none, and are not looked up.
struct ReferenceBeginnings: Sendable {
    /// A bit for each two bytes, among the 43 from `0` to `Z`, and each length up to the longest.
    private var bits = [UInt64](repeating: 0, count: (43 * 43 * (ReferenceText.longest + 1)) / 64 + 1)

    mutating func add(_ bytes: [UInt8]) {
        // A longer one is never read in a text.
        guard bytes.count <= ReferenceText.longest else { return }
        let place = place(bytes[0], bytes[1], bytes.count)
        bits[place / 64] |= 1 << UInt64(place % 64)
    }

    /// Whether a reference may be `bytes`, which are no longer than the longest.
    @inline(__always) func mayHold(_ bytes: ArraySlice<UInt8>) -> Bool {
        let place = place(bytes[bytes.startIndex], bytes[bytes.startIndex + 1], bytes.count)
        return bits[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    @inline(__always) private func place(_ first: UInt8, _ second: UInt8, _ count: Int) -> Int {
        ((Int(first) - 48) * 43 + Int(second) - 48) * (ReferenceText.longest + 1) + count
    }
}

/// The shapes that our document numbers have: letters and a count of digits; or letters between digits, and what long digits begin with.
struct NumberShapes: Sendable {
    private var prefixes: Set<UInt64> = []
    private var shapes: Set<UInt64> = []
    private var patterns: Set<UInt64> = []

    mutating func add(_ bytes: [UInt8]) {
        if let pattern = pattern(bytes[...]) { patterns.insert(pattern) }
        // A year's numbers are written without the letters of their series, too.
        let digits = bytes.suffix(bytes.reversed().prefix { $0 < 58 }.count)
        if digits.count < bytes.count, digits.count >= 8, digits.starts(with: [50, 48]), let pattern = pattern(digits) {
            patterns.insert(pattern)
        }
        let letters = bytes.prefix { $0 >= 58 }
        guard !letters.isEmpty, bytes[letters.count...].allSatisfy({ $0 < 58 }) else { return }
        add(prefix: Array(letters), digits: (bytes.count - letters.count)...(bytes.count - letters.count))
    }

    mutating func add(prefix: [UInt8], digits: ClosedRange<Int>) {
        prefixes.insert(ReferenceKey.whole(prefix))
        for count in digits { shapes.insert(shape(prefix[...], count)) }
    }

    /// Whether digits, or letters between or behind digits, have the pattern of a document number of ours.
    func hasPattern(_ bytes: ArraySlice<UInt8>) -> Bool { !patterns.isEmpty && pattern(bytes).map(patterns.contains) ?? false }

    /// Letters stand for themselves and digits for their count; of digits alone, six at least, the first two stand for themselves. nil for
    /// what begins with letters and ends in digits.
    private func pattern(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        let digits = bytes.reduce(0) { $0 + ($1 < 58 ? 1 : 0) }
        guard digits >= 4, let first = bytes.first else { return nil }
        var hash = KeyHash(10)
        if digits == bytes.count {
            guard digits >= 6 else { return nil }
            hash.add(bytes.prefix(2))
            hash.add(UInt8(truncatingIfNeeded: digits))
            return hash.key
        }
        // Letters and then digits are told by their prefix.
        if first >= 58, bytes.drop(while: { $0 >= 58 }).allSatisfy({ $0 < 58 }) { return nil }
        var count: UInt8 = 0
        for byte in bytes {
            guard byte >= 58 else {
                count &+= 1
                continue
            }
            if count > 0 { hash.add(count) }
            count = 0
            hash.add(byte)
        }
        hash.add(count)
        return hash.key
    }

    /// Whether letters and digits look like a document number of ours.
    func fits(_ letters: ArraySlice<UInt8>, digits: Int) -> Bool { shapes.contains(shape(letters, digits)) }

    /// The longest ending of `letters` that is a prefix of ours.
    func prefix(ending letters: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        letters.indices.first { prefixes.contains(ReferenceKey.whole(letters[$0...])) }.map { letters[$0...] }
    }

    private func shape(_ letters: ArraySlice<UInt8>, _ digits: Int) -> UInt64 {
        var hash = KeyHash(9)
        hash.add(letters)
        hash.add(UInt8(truncatingIfNeeded: digits))
        return hash.key
    }
}

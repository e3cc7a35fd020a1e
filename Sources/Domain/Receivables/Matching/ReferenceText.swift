/// A text as references are read in it: ASCII letters in capitals and digits, in runs; all else separates.
///
/// Payers space, cut and punctuate numbers as they like, so up to four runs may be one reference.
struct ReferenceText {
    /// A stretch that may be a reference: `bytes[start..<end]` once the separators between its runs are gone.
    struct Stretch {
        let start: Int
        let end: Int
        /// How many digits end it, and where the letters right before these digits begin.
        let digits: Int
        let lettersFrom: Int
        var isNumber: Bool { digits == end - start }
    }

    static let runLimit = 4, shortest = 3, longest = 40

    /// Letters and digits alone, one run after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each run begins in `bytes`, and the end of the last.
    private(set) var runs: [Int] = [0]

    /// What separates a run from the one before it.
    struct Joint {
        var first: UInt8 = 0
        var count = 0
        var hasCurrency = false
        /// The sign of the currency stands right behind what is before it.
        var startsWithIt = false
        /// It strings numbers together: `, 12`, `/12`, `+12`.
        var isList = false
        /// It leads from one number to another: `-12`.
        var isRange = false
        /// A comma or semicolon and a blank: what stands behind it is the next of a list.
        var isListMark: Bool { count > 1 && (first == 44 || first == 59) }
        fileprivate var last: UInt8 = 0

        fileprivate mutating func add(_ byte: UInt8) {
            if count == 0 { first = byte }
            count += 1
            // $, £ and €; the others end in bytes that no other sign of a currency has before them.
            if byte == 36 || (byte == 0xA3 && last == 0xC2) || (byte == 0xAC && last == 0x82) {
                hasCurrency = true
                startsWithIt = count == (byte == 36 ? 1 : byte == 0xA3 ? 2 : 3)
            }
            switch byte {
            // , / + & ;
            case 44, 47, 43, 38, 59: isList = true
            case 45: isRange = true
            // The last byte of the dash.
            case 0x93 where last == 0x80: isRange = true
            default: break
            }
            last = byte
        }
    }

    /// One before each run and one behind the last, where they were asked for.
    private(set) var joints: [Joint] = []
    /// What of the digits is no reference, where the joints were asked for.
    private(set) var plain = PlainNumbers()

    /// - Parameter keepsJoints: Whether to remember what separates the runs.
    init(_ text: String, keepsJoints: Bool = false) {
        var text = text
        var joint = Joint()
        text.withUTF8 { utf8 in
            bytes.reserveCapacity(utf8.count)
            for byte in utf8 {
                guard let folded = Self.folded(byte) else {
                    if runs[runs.count - 1] != bytes.count { runs.append(bytes.count) }
                    if keepsJoints { joint.add(byte) }
                    continue
                }
                if keepsJoints, runs[runs.count - 1] == bytes.count {
                    joints.append(joint)
                    joint = Joint()
                }
                bytes.append(folded)
            }
        }
        if runs[runs.count - 1] != bytes.count { runs.append(bytes.count) }
        guard keepsJoints else { return }
        joints.append(joint)
        plain = PlainNumbers(self)
    }

    var isEmpty: Bool { bytes.isEmpty }

    /// Hands over the letters and digits of a number.
    static func reading<Value>(_ number: String, _ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: number.utf8.count) { buffer in
            var count = 0
            for byte in number.utf8 {
                guard let folded = folded(byte) else { continue }
                buffer[count] = folded
                count += 1
            }
            return body(UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// A letter as a capital, a digit as it is; nil for what separates them.
    @inline(__always) private static func folded(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57, 65...90: byte
        case 97...122: byte - 32
        default: nil
        }
    }

    /// Whether a stretch ends in a letter that is a digit misread: `0010I`.
    func endsInMisread(_ stretch: Stretch) -> Bool {
        stretch.end - stretch.start >= 6 && isDigit(bytes[stretch.end - 2]) && [73, 76, 79].contains(bytes[stretch.end - 1])
    }

    /// Calls `body` with where each creditor reference stands whose check digits hold: in one run, or in up to seven as it is printed.
    func forEachCreditorReference(_ body: (Range<Int>) -> Void) {
        for run in 0..<(runs.count - 1) {
            let start = runs[run]
            guard runs[run + 1] - start >= 4, bytes[start] == 82, bytes[start + 1] == 70, isDigit(bytes[start + 2]),
                isDigit(bytes[start + 3])
            else { continue }
            let ends = runs[(run + 1)..<min(run + 8, runs.count)].filter { (9...25).contains($0 - start) }
            if let end = ends.last(where: { creditorReferenceHolds(Array(bytes[start..<$0])) }) { body(start..<end) }
        }
    }

    /// Whether a list goes on inside of a stretch of a text whose joints are kept.
    func hasListMark(from start: Int, to end: Int) -> Bool {
        guard !joints.isEmpty else { return false }
        for run in 1..<max(runs.count - 1, 1) where start < runs[run] && runs[run] < end && joints[run].isListMark { return true }
        return false
    }

    /// How many runs a stretch joins.
    func runCount(of stretch: Stretch) -> Int { runs.reduce(1) { $0 + (stretch.start < $1 && $1 < stretch.end ? 1 : 0) } }

    /// Calls `body` for each join of one to four runs; a run of letters and then digits is also begun at its digits.
    func forEachStretch(_ body: (Stretch) -> Void) {
        for run in 0..<(runs.count - 1) {
            begin(at: runs[run], run: run, body)
            let digitsFrom = firstDigit(in: run)
            if let digitsFrom, digitsFrom > runs[run] { begin(at: digitsFrom, run: run, body) }
        }
    }

    private func begin(at start: Int, run: Int, _ body: (Stretch) -> Void) {
        let last = min(run + Self.runLimit, runs.count - 1)
        for next in (run + 1)..<(last + 1) {
            let end = runs[next]
            guard end - start <= Self.longest else { return }
            guard end - start >= Self.shortest else { continue }
            var digitsFrom = end
            while digitsFrom > start, isDigit(bytes[digitsFrom - 1]) { digitsFrom -= 1 }
            var lettersFrom = digitsFrom
            let bound = digitsFrom == runs[run] && run > 0 ? runs[run - 1] : runs[run]
            while lettersFrom > bound, !isDigit(bytes[lettersFrom - 1]) { lettersFrom -= 1 }
            body(Stretch(start: start, end: end, digits: end - digitsFrom, lettersFrom: lettersFrom))
        }
    }

    /// Where the digits begin that end a run of letters followed by digits only.
    private func firstDigit(in run: Int) -> Int? {
        let first = (runs[run]..<runs[run + 1]).first { isDigit(bytes[$0]) }
        guard let first, (first..<runs[run + 1]).allSatisfy({ isDigit(bytes[$0]) }) else { return nil }
        return first
    }

    @inline(__always) private func isDigit(_ byte: UInt8) -> Bool { byte < 58 }
}

/// The keys under which a reference is found.
enum ReferenceKey {
    private static let whole: UInt8 = 1, number: UInt8 = 2, endToEnd: UInt8 = 3, series: UInt8 = 4

    /// All of it, letters and digits.
    static func whole(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash = KeyHash(whole)
        hash.add(bytes)
        return hash.key
    }

    /// Its last digits without leading zeros; nil below four digits, which are counts, days and years.
    static func number(_ digits: ArraySlice<UInt8>) -> (key: UInt64, length: Int)? {
        let digits = digits.drop { $0 == 48 }
        guard digits.count >= 4 else { return nil }
        var hash = KeyHash(number)
        hash.add(digits)
        return (hash.key, digits.count)
    }

    /// The same behind the letters of a series: a number that is written with its series is no other series'.
    static func number(_ number: UInt64, of letters: ArraySlice<UInt8>) -> UInt64 {
        var hash = KeyHash(series)
        hash.add(letters)
        return hash.key ^ number
    }

    /// An end-to-end id, letter by letter; nil for the word that says there is none.
    static func endToEnd(_ text: String) -> UInt64? {
        guard text.utf8.count >= 4, text != "NOTPROVIDED" else { return nil }
        var hash = KeyHash(endToEnd)
        hash.add(text.utf8)
        return hash.key
    }
}

/// Every stretch of a text that may be a reference, without separators and in capitals, and its digits without leading zeros.
package func compactReferences(of text: String) -> [String] {
    let read = ReferenceText(text)
    var found: Set<String> = []
    read.forEachStretch { stretch in
        let bytes = read.bytes[stretch.start..<stretch.end]
        guard stretch.digits > 0 || bytes.contains(where: { $0 < 58 }) else { return }
        found.insert(String(decoding: bytes, as: UTF8.self))
        if stretch.isNumber { found.insert(String(decoding: bytes.drop { $0 == 48 }, as: UTF8.self)) }
    }
    return found.sorted()
}

/// The keys under which a reference of another system is kept: all of it, and its last digits.
package func referenceKeys(of reference: String) -> [String] {
    let bytes = ReferenceText(reference).bytes
    guard bytes.count >= ReferenceText.shortest else { return [] }
    let digits = bytes.suffix(bytes.reversed().prefix { $0 < 58 }.count).drop { $0 == 48 }
    let whole = String(decoding: bytes, as: UTF8.self), number = String(decoding: digits, as: UTF8.self)
    return digits.count >= 4 && number != whole ? [whole, number] : [whole]
}

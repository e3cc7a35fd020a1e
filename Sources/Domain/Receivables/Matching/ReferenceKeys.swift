/// What a payer's text may name a document by.
package struct ReferenceKeys: Equatable, Sendable {
    /// Legal numbers in their own shape (`INV-2026-000123`), however the payer spaced or punctuated them.
    package var documentNumbers: Set<String> = []
    /// Those of `documentNumbers` that the payer wrote with their series: what they do not find is worth a question.
    package var statedNumbers: Set<String> = []
    /// Words that may be an order's, a purchase order's or a former system's number, as written and in capitals.
    package var words: Set<String> = []

    /// Words shorter than this name nothing in free text: too many of them are counts, days and amounts.
    package static let wordLength = 5

    package init() {}

    /// - Parameters:
    ///   - structured: A creditor reference (ISO 11649 `RF…` or the bank's own); no length limit.
    ///   - remittance: Free text.
    ///   - series: The number series that the legal entity issues, such as `INV`.
    package init(structured: String?, remittance: String, series: [String]) {
        for text in [structured ?? "", remittance] {
            let runs = alphanumericRuns(text)
            for start in runs.indices {
                var joined = ""
                for end in start..<min(start + 4, runs.count) {
                    joined += runs[end]
                    let (numbers, isStated) = legalNumbers(joined, series)
                    documentNumbers.formUnion(numbers)
                    if isStated { statedNumbers.formUnion(numbers) }
                }
            }
            for word in text.split(whereSeparator: { $0.isWhitespace || ",;|()".contains($0) }) { add(word) }
            for run in runs { add(run) }
        }
        if let structured { addStructured(structured) }
    }

    private mutating func add(_ word: some StringProtocol) {
        guard word.utf8.count >= Self.wordLength, word.utf8.contains(where: { (48...57).contains($0) }) else { return }
        words.insert(String(word))
        words.insert(word.uppercased())
    }

    private mutating func addStructured(_ text: String) {
        let compact = alphanumericRuns(text).joined()
        words.insert(compact)
        guard compact.hasPrefix("RF"), isCreditorReference(compact) else { return }
        let body = String(compact.dropFirst(4))
        words.insert(body)
        words.insert(String(body.drop { $0 == "0" }))
    }
}

/// Whether the check digits of an `RF…` reference hold (ISO 11649: ISO 7064 mod 97-10). No blanks.
package func isCreditorReference(_ text: String) -> Bool { creditorReferenceHolds(Array(text.utf8)) }

func creditorReferenceHolds(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 4, bytes.count <= 25, bytes[0] == UInt8(ascii: "R"), bytes[1] == UInt8(ascii: "F") else { return false }
    return restOf97(bytes) == 1
}

/// What is left by 97 of a number whose first four places stand last and whose letters count from 10; nil when another character is in it.
/// One is left where check digits hold.
///
/// - Source: ISO 7064 mod 97-10, as ISO 11649 and ISO 13616 use it.
func restOf97(_ bytes: [UInt8]) -> Int? {
    var rest = 0
    for place in 0..<bytes.count {
        let byte = bytes[(place + 4) % bytes.count]
        switch byte {
        case 48...57: rest = (rest * 10 + Int(byte - 48)) % 97
        case 65...90: rest = (rest * 100 + Int(byte - 55)) % 97
        default: return nil
        }
    }
    return rest
}

/// Maximal runs of letters and digits, in capitals. ASCII, which is nearly every text, takes the short way.
func alphanumericRuns(_ text: String) -> [String] {
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
        return text.uppercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }
    let read = ReferenceText(text)
    return (0..<(read.runs.count - 1)).map { String(decoding: read.bytes[read.runs[$0]..<read.runs[$0 + 1]], as: UTF8.self) }
}

/// `…INV2026000123` or `2026000123` → `INV-2026-000123` for each series that fits, and whether the series was written.
private func legalNumbers(_ joined: String, _ series: [String]) -> (numbers: [String], isStated: Bool) {
    let bytes = Array(joined.utf8)
    let digits = bytes.reversed().prefix { (48...57).contains($0) }.count
    guard digits >= 10, digits <= 12 else { return ([], false) }
    let number = String(decoding: bytes.suffix(digits), as: UTF8.self)
    guard number.hasPrefix("19") || number.hasPrefix("20") else { return ([], false) }
    let letters = String(decoding: bytes.dropLast(digits), as: UTF8.self)
    let fitting = series.filter { letters.isEmpty || letters.hasSuffix($0) }
    return (fitting.map { "\($0)-\(number.prefix(4))-\(number.dropFirst(4))" }, !letters.isEmpty)
}

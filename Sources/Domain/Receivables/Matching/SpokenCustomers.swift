/// Customers whom a payer's words name: who pays for several says so for whom, and who names another pays for that one.
extension MatchIndex {
    struct Spoken {
        let customer: ID<Customer>
        let written: String
    }

    /// The customers that a text names, by a whole name of two words at least or by their number with us, in its order.
    ///
    /// - Parameter payers: Their numbers stand for them wherever they are; another's only behind a word for a customer.
    func spoken(in text: String, payers: Set<ID<Customer>>) -> [Spoken] {
        let read = SpokenText(text)
        var spoken: [Spoken] = []
        func tell(_ key: UInt64, _ runs: Range<Int>, _ counts: (ID<Customer>) -> Bool = { _ in true }) -> Bool {
            var isKnown = false
            forEachAccount(key) { place in
                let customer = accounts[Int(place)].id
                guard counts(customer) else { return }
                isKnown = true
                spoken.append(Spoken(customer: customer, written: read.written(runs)))
            }
            return isKnown
        }
        var run = 0
        while run < read.count {
            var next = run + 1
            if let number = read.number(run) {
                _ = tell(number.key, run..<(run + 1)) { number.isStated || payers.contains($0) }
            } else {
                // The longest name that begins here: `Hans Weber Bau` is not `Hans Weber`.
                for end in read.names(from: run).reversed() where tell(PayerKeys.key(.name, read.folded(run..<end)), run..<end) {
                    next = end
                    break
                }
            }
            run = next
        }
        return spoken
    }

    /// Whether the payer's name is not that of the customer, as far as names are compared: neither has a word that the other lacks.
    ///
    /// - Parameters:
    ///   - name: As the bank writes it.
    ///   - written: The same as `comparableName` gives it.
    func isForeign(_ name: String, _ written: String, to customer: ID<Customer>) -> Bool {
        guard let own = account(customer)?.name, !own.isEmpty else { return false }
        if written.hasPrefix(own) || own.hasPrefix(written) { return false }
        let words = nameWords(name)
        let found = words.map(comparableName).filter { word in
            // Behind a vowel an E was taken for its mark.
            own.contains(word) || (word.utf8.first == 69 && own.contains(word.dropFirst()))
        }
        let covered = found.reduce(0) { $0 + $1.utf8.count }
        return found.count < words.count && covered < own.utf8.count
    }
}

/// What a text may name customers by, so that they can be read before it is matched.
package struct SpokenKeys: Sendable {
    /// As `foldedName` gives them.
    package private(set) var names: Set<String> = []
    /// Letters and digits alone, in capitals.
    package private(set) var numbers: Set<String> = []

    package init() {}
    package mutating func add(_ text: String) {
        let read = SpokenText(text)
        for run in 0..<read.count {
            if read.number(run) != nil {
                numbers.insert(read.folded(run..<(run + 1)))
            } else {
                for end in read.names(from: run) { names.insert(read.folded(run..<end)) }
            }
        }
    }
}

/// A text's runs of letters and digits, as names and numbers of customers are looked for among them.
private struct SpokenText {
    private static let nameWords = 5, nameLetters = 8, numberLength = 4
    private let read: ReferenceText
    var count: Int { read.runs.count - 1 }

    init(_ text: String) { read = ReferenceText(text.utf8.contains { $0 >= 0x80 } ? latin(text, .plain) : text) }

    private func bytes(_ runs: Range<Int>) -> ArraySlice<UInt8> { read.bytes[read.runs[runs.lowerBound]..<read.runs[runs.upperBound]] }
    func folded(_ runs: Range<Int>) -> String { String(decoding: bytes(runs), as: UTF8.self) }
    func written(_ runs: Range<Int>) -> String { runs.map { folded($0..<($0 + 1)) }.joined(separator: " ") }

    /// Where names end that may begin at a run: two to five words of letters.
    func names(from run: Int) -> [Int] {
        var end = run, ends: [Int] = []
        while end < count, end - run < Self.nameWords, bytes(end..<(end + 1)).allSatisfy({ $0 >= 58 }) {
            end += 1
            if end - run > 1, read.runs[end] - read.runs[run] >= Self.nameLetters { ends.append(end) }
        }
        return ends
    }

    /// The key of a run that may be a customer's number, and whether a word for a customer stands before it.
    func number(_ run: Int) -> (key: UInt64, isStated: Bool)? {
        let bytes = bytes(run..<(run + 1))
        guard bytes.count >= Self.numberLength, bytes.contains(where: { $0 < 58 }) else { return nil }
        return (MatchIndex.numberKey(bytes), read.isStatedCustomer(run))
    }
}

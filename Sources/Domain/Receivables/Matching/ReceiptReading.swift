/// The words and identities of one receipt, as cash application reads them.
package struct PayerWords: Sendable {
    package var name: String?
    package var iban: String?
    package var endToEndID: String?
    /// As `comparableMandate` gives it.
    package var mandateID: String?
    package var structuredReference: String?
    package var remittance: String
    /// Where the channel knows the customer.
    package var customer: ID<Customer>?
    package init(
        name: String? = nil, iban: String? = nil, endToEndID: String? = nil, mandateID: String? = nil, structuredReference: String? = nil,
        remittance: String = "", customer: ID<Customer>? = nil
    ) {
        (self.name, self.iban, self.endToEndID, self.mandateID) = (name, iban, endToEndID, mandateID.map(comparableMandate))
        (self.structuredReference, self.remittance, self.customer) = (structuredReference, remittance, customer)
    }
    package init(_ intake: ReceiptIntake) {
        self.init(
            name: intake.payerName, iban: intake.payerIBAN, endToEndID: intake.endToEndID, mandateID: intake.mandateID,
            structuredReference: intake.structuredReference, remittance: intake.remittance, customer: intake.customer)
    }
}

/// A mandate's id as it compares: capitals, without blanks.
package func comparableMandate(_ id: String) -> String { id.filter { !$0.isWhitespace }.uppercased() }

/// An account as it compares: an IBAN, or the bank's number and the account's with a slash between them; letters and digits in capitals, each
/// number without the zeros in front of it, a bank's BIC without the XXX of its head office.
package func comparableAccount(_ account: String) -> String {
    account.split(separator: "/").map { part in
        let plain = part.uppercased().filter { $0.isLetter || $0.isNumber }.drop { $0 == "0" }
        return String(plain.utf8.count == 11 && plain.suffix(3).allSatisfy({ $0 == "X" }) ? plain.dropLast(3) : plain)
    }.filter { !$0.isEmpty }.joined(separator: "/")
}

/// A receipt's words as the index reads them; readings of one index may be made on several threads, and are shared without copies.
package final class ReceiptReading: Sendable {
    package let words: PayerWords
    let scan: ReferenceScan
    let foldedName: String
    package let name: PayerName?
    let keys: PayerKeys
    /// What in the text may be part of a document's number, besides the numbers that name documents outright.
    let hints: HintWords
    package var mayHint: Bool { !hints.isEmpty }
    /// Whole numbers of which the text gives the last digits, behind one that names a document.
    let listed: HintWords
    /// What may be a document's number, besides the numbers that name documents outright.
    let numbers: HintWords
    /// Whether all its words may be compared with so many items.
    func isComparable(with count: Int) -> Bool { count * (hints.count + listed.count) <= 20_000 }
    /// Whether the text ends where a bank's field ends, or in the middle of a list: it may have named more.
    var mayBeCut: Bool {
        let text = words.remittance.utf8
        return text.count >= 138 || text.count == 18 || text.last.map { "/,+&;-".utf8.contains($0) } ?? false
    }
    init(_ words: PayerWords, _ scan: ReferenceScan, _ text: ReferenceText) {
        (self.words, self.scan) = (words, scan)
        name = words.name.map(PayerName.init)
        keys = PayerKeys(words, name)
        foldedName = name?.plain ?? ""
        var hints = HintWords(), numbers = HintWords(), listed = HintWords()
        let texts = ReferenceScan.texts(words.structuredReference, text)
        for (at, text) in texts.enumerated() where text.bytes.count <= 2_000 {
            text.forEachStretch { stretch in
                guard stretch.digits >= 3 || text.endsInMisread(stretch), !text.plain.cover(stretch),
                    !scan.names(at, stretch, .number)
                else { return }
                hints.append(text.bytes[stretch.start..<stretch.end])
            }
            // A reference of another scheme, or a customer's number before ours, may stand in a creditor reference.
            if at == texts.count - 1 {
                text.forEachCreditorReference { place in
                    let whole = ReferenceText.Stretch(
                        start: place.lowerBound, end: place.upperBound, digits: 0, lettersFrom: place.lowerBound)
                    if !scan.names(at, whole, .number) { hints.append(text.bytes[(place.lowerBound + 4)..<place.upperBound]) }
                }
            }
            if !text.joints.isEmpty {
                let named = scan.hits.filter { $0.text == at }
                for hit in named {
                    text.forEachContinuation(from: hit.start, to: hit.end, isTaken: { begin in named.contains { $0.start == begin } }) {
                        if $0.count <= ReferenceText.longest { listed.append($0) }
                    }
                }
            }
            text.forEachNumber { stretch in
                guard !scan.names(at, stretch) else { return }
                numbers.append(text.bytes[stretch.start..<stretch.end])
            }
        }
        // A check digit that is a hyphen is no part of a stretch.
        if let reference = words.structuredReference, reference.utf8.last == 45 {
            let kid = reference.utf8.filter { $0 != 32 }
            if (2...25).contains(kid.count), kid.dropLast().allSatisfy({ (48...57).contains($0) }) { hints.append(kid[...]) }
        }
        (self.hints, self.numbers, self.listed) = (hints, numbers, listed)
    }
}

/// Under what the payer of a receipt is looked up.
struct PayerKeys: Sendable {
    let mandate: UInt64?
    let iban: UInt64?
    /// The spellings of the name.
    private(set) var name: UInt64?
    private(set) var longName: UInt64?

    init(_ words: PayerWords, _ name: PayerName?) {
        mandate = words.mandateID.map { Self.key(.mandate, $0) }
        iban = words.iban.map { Self.key(.iban, $0) }
        _ = name?.isSpelled { spelling in
            if self.name == nil { self.name = Self.key(.name, spelling) } else { longName = Self.key(.name, spelling) }
            return false
        }
    }

    /// The evidence is part of the key.
    static func key(_ evidence: PayerEvidence, _ value: String) -> UInt64 {
        var hash = KeyHash(UInt8(evidence.strength))
        hash.add(value.utf8)
        return hash.key
    }
}

/// Words of letters and digits in one block of memory, because it is freed on another thread: each behind its length.
struct HintWords: Sendable {
    private var bytes: [UInt8] = []
    private(set) var count = 0
    var isEmpty: Bool { count == 0 }

    mutating func append(_ word: ArraySlice<UInt8>) {
        bytes.append(UInt8(word.count))
        bytes += word
        count += 1
    }

    /// Whether one of them is a number, or the digits that end it.
    func name(_ number: UnsafeBufferPointer<UInt8>) -> Bool {
        let digits = number.suffix(number.reversed().prefix { $0 < 58 }.count).drop { $0 == 48 }
        var isFound = false
        forEach { word in
            let isEnd = !digits.isEmpty && word.allSatisfy { $0 < 58 } && word.drop { $0 == 48 }.elementsEqual(digits)
            isFound = isEnd || word.elementsEqual(number)
            return !isFound
        }
        return isFound
    }

    /// How one of them may mean a number: its digits, alone or in a reference with check digits, one slip, or the digits that end it.
    func hint(at number: UnsafeBufferPointer<UInt8>) -> ReferenceStrength? {
        var strength: ReferenceStrength?, digitsFrom = number.count
        while digitsFrom > 0, number[digitsFrom - 1] < 58 { digitsFrom -= 1 }
        let digits = UnsafeBufferPointer(rebasing: number[digitsFrom...])
        forEach { word in
            func isSlip(of other: UnsafeBufferPointer<UInt8>) -> Bool {
                abs(word.count - other.count) <= 1 && SlippedReference.differByOne(word, other)
            }
            if digits.count >= 4, word.elementsEqual(digits) || carries(word, digits) {
                strength = .number
                return false
            }
            if strength == .corrected { return true }
            if word.count >= 6, isSlip(of: number) || (digits.count >= 6 && isSlip(of: digits)) {
                strength = .corrected
                return true
            }
            if word.count < digits.count, Self.isEnd(word), digits.suffix(word.count).elementsEqual(word) { strength = .weak }
            return true
        }
        return strength
    }

    /// Whether a word is a payment reference whose check digits hold, and the number that it carries ends in these digits.
    private func carries(_ word: UnsafeBufferPointer<UInt8>, _ digits: UnsafeBufferPointer<UInt8>) -> Bool {
        guard word.count > digits.count, word.count >= 6 else { return false }
        // Few words hold them at all: only then the schemes are tried. No check digits behind a number are more than two.
        guard (0...2).contains(where: { word.dropLast($0).suffix(digits.count).elementsEqual(digits) }) else { return false }
        return CheckedReference.allCases.contains { $0.number(in: word)?.suffix(digits.count).elementsEqual(digits) ?? false }
    }

    /// Whether digits may be the end of a number: three are a day, a house or a count, and four that begin with 19 or 20 a year.
    private static func isEnd(_ word: UnsafeBufferPointer<UInt8>) -> Bool {
        guard word.count >= 4, word.allSatisfy({ $0 < 58 }) else { return false }
        return word.count > 4 || !(word.starts(with: [49, 57]) || word.starts(with: [50, 48]))
    }

    /// - Parameter body: Says whether to go on.
    func forEach(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) {
        bytes.withUnsafeBufferPointer { bytes in
            var at = 0
            while at < bytes.count {
                let end = at + 1 + Int(bytes[at])
                guard body(UnsafeBufferPointer(rebasing: bytes[(at + 1)..<end])) else { return }
                at = end
            }
        }
    }
}

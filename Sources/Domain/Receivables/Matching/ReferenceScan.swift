/// How surely a payer's words name a document.
package enum ReferenceStrength: Int, Sendable, Comparable {
    /// Four or five digits, or the end of a number: a hint that must be borne out.
    case weak
    /// It goes on from a number that is named outright, in its last digits: `4711/12`, `4711-15`.
    case listed
    /// One character differs.
    case corrected
    /// The digits of its number, six at least.
    case number
    /// All of it.
    case whole
    /// All of it, with check digits that hold, or an end-to-end id that we gave.
    case checked
    /// A line of a remittance advice that is linked to the receipt.
    case advised
    /// As certificates write it.
    package var name: String {
        switch self {
        case .weak: "weak"
        case .listed: "listed"
        case .corrected: "corrected"
        case .number: "number"
        case .whole: "whole"
        case .checked: "checked"
        case .advised: "advised"
        }
    }
    package static func < (left: ReferenceStrength, right: ReferenceStrength) -> Bool { left.rawValue < right.rawValue }
}

/// What the words of one receipt name.
struct ReferenceScan {
    struct Hit {
        /// Position in the index.
        let item: Int32
        let field: Int32
        let strength: ReferenceStrength
        /// Where the words stand: which text, and the stretch in it.
        let text: Int
        let start: Int
        let end: Int
    }

    /// What more documents bear than can be told apart by it, such as `2025-001` where each customer's numbers begin anew: only the payer's own count.
    struct SharedWord {
        let text: Int
        let start: Int
        let end: Int
        let strength: ReferenceStrength
        let written: [UInt8]
        /// The digits alone were looked up, without leading zeros.
        let isNumber: Bool

        /// Whether it is this reference, or the digits that end it.
        func isWritten(_ reference: String) -> Bool {
            ReferenceText.reading(reference) { bytes in
                guard isNumber else { return bytes.elementsEqual(written) }
                return bytes.suffix(bytes.reversed().prefix { $0 < 58 }.count).drop { $0 == 48 }.elementsEqual(written.drop { $0 == 48 })
            }
        }
    }

    private(set) var hits: [Hit] = []
    private(set) var shared: [SharedWord] = []
    /// A word that more documents bear is shared.
    static let sharedLimit = 16
    /// Numbers of our own shape that name nothing, in order.
    private(set) var unread: [String] = []
    let says: PaymentWords
    private var textCount = 0

    /// - Parameter text: The remittance information, with its joints.
    init(_ index: ReferenceIndex, structured: String?, _ text: ReferenceText, says: PaymentWords = [], endToEndID: String?) {
        self.says = says
        if let structured { scanStructured(structured, index) }
        let words = textCount
        scan(text, index, checked: false)
        text.forEachCreditorReference { scanCreditorReference($0, text, words, index) }
        if let key = endToEndID.flatMap(ReferenceKey.endToEnd) {
            index.references.forEach(key) { hits.append(Hit(item: $0 / 4, field: $0 % 4, strength: .checked, text: -1, start: 0, end: 0)) }
        }
        if hits.count + shared.count > 1 {
            dropStrung(text, words)
            dropCovered()
        }
        if unread.count > 1 { unread.sort() }
    }

    /// The strongest hit of each item.
    var strongest: [Hit] {
        if hits.count < 2 { return hits }
        var best: [Int32: Hit] = [:]
        for hit in hits where best[hit.item].map({ $0.strength < hit.strength }) ?? true { best[hit.item] = hit }
        return Array(best.values)
    }

    /// The texts that hits point into: what the structured reference says, then the remittance information.
    static func texts(_ structured: String?, _ remittance: ReferenceText) -> [ReferenceText] {
        guard let structured else { return [remittance] }
        let whole = ReferenceText(structured), bytes = whole.bytes
        guard bytes.starts(with: [82, 70]), bytes.count > 4 else { return [whole, remittance] }
        guard creditorReferenceHolds(bytes) else { return [remittance] }
        return [ReferenceText(String(decoding: bytes[4...], as: UTF8.self)), whole, remittance]
    }

    /// A creditor reference carries the document's number behind its check digits; one that fails them may be a slip of one character.
    private mutating func scanStructured(_ structured: String, _ index: ReferenceIndex) {
        let whole = ReferenceText(structured), bytes = whole.bytes
        guard bytes.starts(with: [82, 70]), bytes.count > 4 else { return scan(whole, index, checked: false) }
        if creditorReferenceHolds(bytes) {
            scan(ReferenceText(String(decoding: bytes[4...], as: UTF8.self)), index, checked: true)
            scan(whole, index, checked: true)
            return
        }
        let before = hits.count
        for slip in SlippedReference.corrections(of: bytes) {
            let first = hits.count
            lookUp(Array(slip[4...]), index) {
                hits.append(Hit(item: $0 / 4, field: $0 % 4, strength: .corrected, text: 0, start: 0, end: slip.count - 4))
            }
            // Two corrections that name documents: which one was meant, only the payer knows.
            if first > before, hits.count > first { return hits.removeSubrange(before...) }
        }
    }

    private func lookUp(_ bytes: [UInt8], _ index: ReferenceIndex, _ body: (Int32) -> Void) {
        index.references.forEach(ReferenceKey.whole(bytes), body)
    }

    private mutating func scan(_ text: ReferenceText, _ index: ReferenceIndex, checked: Bool) {
        let at = textCount, bytes = text.bytes
        textCount += 1
        text.forEachStretch { stretch in
            let count = stretch.end - stretch.start, before = hits.count + shared.count
            guard !text.plain.cover(stretch, isWhole: true) else { return }
            let written = bytes[stretch.start..<stretch.end]
            if index.beginnings.mayHold(written) {
                take(ReferenceKey.whole(written), checked ? .checked : count >= 5 ? .whole : .weak, stretch, text, at, index)
            }
            guard hits.count + shared.count == before, !text.plain.cover(stretch) else { return }
            if stretch.isNumber { number(stretch, text, at, index, checked: checked) }
            if hits.count + shared.count == before { note(stretch, text, index) }
        }
    }

    private mutating func take(
        _ key: UInt64, _ strength: ReferenceStrength, _ stretch: ReferenceText.Stretch, _ text: ReferenceText, _ at: Int,
        _ index: ReferenceIndex, isNumber: Bool = false
    ) {
        let before = hits.count
        let isShared = index.references.contains(key) {
            hits.append(Hit(item: $0 / 4, field: $0 % 4, strength: strength, text: at, start: stretch.start, end: stretch.end))
            return hits.count - before > Self.sharedLimit
        }
        guard isShared else { return }
        hits.removeSubrange(before...)
        shared.append(
            SharedWord(
                text: at, start: stretch.start, end: stretch.end, strength: strength,
                written: Array(text.bytes[stretch.start..<stretch.end]), isNumber: isNumber))
    }

    /// A creditor reference that a payer writes among other words: `RF18 5390 0754 7034`.
    private mutating func scanCreditorReference(
        _ place: Range<Int>, _ text: ReferenceText, _ at: Int, _ index: ReferenceIndex
    ) {
        let carried = text.bytes[(place.lowerBound + 4)..<place.upperBound], before = hits.count
        func find(_ key: UInt64, _ strength: ReferenceStrength) {
            index.references.forEach(key) {
                hits.append(
                    Hit(item: $0 / 4, field: $0 % 4, strength: strength, text: at, start: place.lowerBound, end: place.upperBound))
            }
        }
        find(ReferenceKey.whole(carried), .checked)
        guard hits.count == before, let (key, length) = ReferenceKey.number(carried), carried.allSatisfy({ $0 < 58 }) else { return }
        find(key, length < 6 ? .weak : .checked)
    }

    private mutating func number(_ stretch: ReferenceText.Stretch, _ text: ReferenceText, _ at: Int, _ index: ReferenceIndex, checked: Bool)
    {
        guard let (key, length) = ReferenceKey.number(text.bytes[stretch.start..<stretch.end]) else { return }
        let letters = text.bytes[stretch.lettersFrom..<(stretch.end - stretch.digits)]
        let series = letters.isEmpty ? nil : index.shapes.prefix(ending: letters)
        take(
            series.map { ReferenceKey.number(key, of: $0) } ?? key, length < 6 ? .weak : checked ? .checked : .number, stretch, text, at,
            index, isNumber: true)
    }

    /// Remembers what looks like a document number of ours and names none.
    private mutating func note(_ stretch: ReferenceText.Stretch, _ text: ReferenceText, _ index: ReferenceIndex) {
        if index.shapes.hasPattern(text.bytes[stretch.start..<stretch.end]), text.runCount(of: stretch) <= 3 {
            let word = String(decoding: text.bytes[stretch.start..<stretch.end], as: UTF8.self)
            if !unread.contains(word) { unread.append(word) }
            return
        }
        let lettersEnd = stretch.end - stretch.digits
        guard stretch.digits >= 4, stretch.lettersFrom == stretch.start,
            let prefix = index.shapes.prefix(ending: text.bytes[stretch.start..<lettersEnd]),
            index.shapes.fits(prefix, digits: stretch.digits)
        else { return }
        let word = String(decoding: text.bytes[prefix.startIndex..<stretch.end], as: UTF8.self)
        if !unread.contains(word) { unread.append(word) }
    }

    /// What is read across a list's comma is no reference where one as sure stands whole on a side of it: `1/05, 1/10` does not say `5 1/1`.
    private mutating func dropStrung(_ text: ReferenceText, _ at: Int) {
        func isStrung(_ place: Int, _ start: Int, _ end: Int) -> Bool { place == at && text.hasListMark(from: start, to: end) }
        guard
            hits.contains(where: { isStrung($0.text, $0.start, $0.end) }) || shared.contains(where: { isStrung($0.text, $0.start, $0.end) })
        else { return }
        let whole =
            hits.filter { $0.text == at && !isStrung($0.text, $0.start, $0.end) }.map { ($0.start, $0.end, $0.strength) }
            + shared.filter { $0.text == at && !isStrung($0.text, $0.start, $0.end) }.map { ($0.start, $0.end, $0.strength) }
        func isBeside(_ start: Int, _ end: Int, _ strength: ReferenceStrength) -> Bool {
            whole.contains { $0.0 < end && start < $0.1 && $0.2 >= strength }
        }
        hits.removeAll { isStrung($0.text, $0.start, $0.end) && isBeside($0.start, $0.end, $0.strength) }
        shared.removeAll { isStrung($0.text, $0.start, $0.end) && isBeside($0.start, $0.end, $0.strength) }
    }

    /// What stands inside a longer and no weaker reference is a part of it, not a reference of its own.
    private mutating func dropCovered() {
        let all = hits, words = shared
        func isCovered(_ text: Int, _ start: Int, _ end: Int, _ strength: ReferenceStrength) -> Bool {
            all.contains {
                $0.text == text && $0.start <= start && end <= $0.end && $0.end - $0.start > end - start && $0.strength >= strength
            }
                || words.contains {
                    $0.text == text && $0.start <= start && end <= $0.end && $0.end - $0.start > end - start && $0.strength >= strength
                }
        }
        hits = all.filter { !isCovered($0.text, $0.start, $0.end, $0.strength) }
        if !words.isEmpty { shared = words.filter { !isCovered($0.text, $0.start, $0.end, $0.strength) } }
    }

    /// Whether a stretch of a text overlaps what names documents.
    ///
    /// - Parameter strength: At least.
    func names(_ text: Int, _ stretch: ReferenceText.Stretch, _ strength: ReferenceStrength = .weak) -> Bool {
        hits.contains { $0.text == text && $0.strength >= strength && $0.start < stretch.end && stretch.start < $0.end }
            || shared.contains { $0.text == text && $0.strength >= strength && $0.start < stretch.end && stretch.start < $0.end }
    }
}

/// References that one slip makes of one whose check digits fail.
package enum SlippedReference {
    /// Every substitution and transposition of one character of an ISO 11649 reference after which its check digits hold.
    static func corrections(of bytes: [UInt8]) -> [[UInt8]] {
        guard bytes.count <= 25, bytes.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) }) else { return [] }
        var found: [[UInt8]] = []
        for at in 2..<bytes.count {
            var changed = bytes
            for digit in UInt8(48)...57 where digit != bytes[at] {
                changed[at] = digit
                if creditorReferenceHolds(changed) { found.append(changed) }
            }
            guard at + 1 < bytes.count, bytes[at] != bytes[at + 1] else { continue }
            changed = bytes
            changed.swapAt(at, at + 1)
            if creditorReferenceHolds(changed) { found.append(changed) }
        }
        return found
    }

    /// Every reference in which one digit is another, or two digits that stand together have changed places.
    package static func digitSlips(of bytes: [UInt8]) -> [[UInt8]] {
        func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
        var found: [[UInt8]] = []
        for at in bytes.indices where isDigit(bytes[at]) {
            var changed = bytes
            for digit in UInt8(48)...57 where digit != bytes[at] {
                changed[at] = digit
                found.append(changed)
            }
            guard at + 1 < bytes.count, isDigit(bytes[at + 1]), bytes[at] != bytes[at + 1] else { continue }
            changed = bytes
            changed.swapAt(at, at + 1)
            found.append(changed)
        }
        return found
    }

    /// Whether one digit of `written` is another, or two digits that stand together have changed places.
    static func isDigitSlip(_ reference: [UInt8], of written: [UInt8]) -> Bool {
        guard reference.count == written.count, let at = reference.indices.first(where: { reference[$0] != written[$0] }) else {
            return false
        }
        func areDigits(_ at: Int) -> Bool { (48...57).contains(reference[at]) && (48...57).contains(written[at]) }
        let next = at + 1
        guard areDigits(at) else { return false }
        if reference[next...].elementsEqual(written[next...]) { return true }
        return areDigits(next) && reference[at] == written[next] && reference[next] == written[at]
            && reference[(next + 1)...].elementsEqual(written[(next + 1)...])
    }

    /// Whether two references differ by one substitution, insertion, deletion or transposition.
    static func differByOne(_ left: some RandomAccessCollection<UInt8>, _ right: some RandomAccessCollection<UInt8>) -> Bool {
        let (longer, shorter) = (max(left.count, right.count), min(left.count, right.count))
        guard longer - shorter <= 1 else { return false }
        func at(_ place: Int) -> (UInt8, UInt8) {
            (left[left.index(left.startIndex, offsetBy: place)], right[right.index(right.startIndex, offsetBy: place)])
        }
        func atEnd(_ place: Int) -> (UInt8, UInt8) {
            (left[left.index(left.endIndex, offsetBy: -1 - place)], right[right.index(right.endIndex, offsetBy: -1 - place)])
        }
        var head = 0, tail = 0
        while head < shorter, at(head).0 == at(head).1 { head += 1 }
        while tail < shorter - head, atEnd(tail).0 == atEnd(tail).1 { tail += 1 }
        let apart = longer - head - tail
        if apart == 1 { return true }
        return apart == 2 && longer == shorter && at(head).0 == at(head + 1).1 && at(head).1 == at(head + 1).0
    }
}

/// The schemes of payment references whose check digits tell that the number inside was written without a slip.
///
/// - Source: Swiss Payment Standards, QR reference (modulo 10, recursive); ISO/IEC 7812-1 annex B (Luhn), by which Norwegian KID and
///   Swedish OCR numbers are checked; Bankgirot, OCR control with a length digit; Finance Finland, form and check of the reference number;
///   Mastercard Payment Services, KID structure (modulus 11); Betaalvereniging Nederland, specification of the payment reference; Febelfin,
///   structured communication; Bank of Slovenia, rules on standardised references (model 12); FINA, survey of reference models (HR01).
package enum CheckedReference: CaseIterable, Sendable {
    case swiss, luhn, finnish
    /// Its last digit but one is the last digit of its length.
    case luhnWithLength
    /// At most 25 digits. One whose check is ten ends in a hyphen.
    case norwegian
    /// Its check digit stands first: before 15 digits, or before the last digit of the length of the 7 to 12 behind it.
    case dutch
    /// Twelve digits, `+++085/1927/54115+++`: what 97 leaves of the first ten stands last, 97 for nothing.
    case belgian
    /// `SI12` and at most 13 digits.
    case slovenian
    /// `HR01` and at most 22 digits. One whose check would be ten is not read.
    case croatian

    /// - Parameter word: Letters and digits without separators, in capitals: ASCII; behind them the hyphen that is a check.
    /// - Returns: The digits that the reference carries, with leading zeros; nil where it is none of this scheme, or its check digits fail.
    package func number<Word: RandomAccessCollection<UInt8>>(in word: Word) -> Word.SubSequence? {
        if self == .norwegian, word.last == 45 { return Self.checkedByHyphen(word.dropLast()) }
        let body = word.dropFirst(prefix.utf8.count)
        guard word.starts(with: prefix.utf8), body.count >= 2, body.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let last = Int(body[body.index(before: body.endIndex)]) - 48, carried = body.dropLast()
        switch self {
        case .swiss: return Self.recursive(carried) == last ? carried : nil
        case .luhn: return Self.luhn(carried) == last ? carried : nil
        case .finnish: return (10 - Self.sum(carried, [7, 3, 1]) % 10) % 10 == last ? carried : nil
        case .luhnWithLength:
            let isLength = carried.last.map { Int($0) - 48 } == body.count % 10
            return isLength && body.count <= 25 && Self.luhn(carried) == last ? carried.dropLast() : nil
        case .norwegian: return body.count <= 25 && Self.eleven(Self.sum(carried, [2, 3, 4, 5, 6, 7])) == last ? carried : nil
        case .dutch: return Self.dutch(body)
        case .belgian:
            let (head, tail) = (Self.value(body.prefix(10)), Self.value(body.suffix(2)))
            return body.count == 12 && (head % 97 == 0 ? 97 : head % 97) == tail ? body.prefix(10) : nil
        case .slovenian:
            let check = Self.eleven(Self.sum(carried, Array(2...13)))
            return body.count <= 13 && (check == 10 ? 0 : check) == last ? carried : nil
        case .croatian: return body.count <= 22 && Self.eleven(Self.sum(carried, Array(2...22))) == last ? carried : nil
        }
    }

    /// What the reference begins with.
    private var prefix: String {
        switch self {
        case .slovenian: "SI12"
        case .croatian: "HR01"
        case .swiss, .luhn, .finnish, .luhnWithLength, .norwegian, .dutch, .belgian: ""
        }
    }

    private static func checkedByHyphen<Digits: RandomAccessCollection<UInt8>>(_ digits: Digits) -> Digits? {
        guard (1...24).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return eleven(sum(digits, [2, 3, 4, 5, 6, 7])) == 10 ? digits : nil
    }

    private static func recursive(_ digits: some Collection<UInt8>) -> Int {
        let table = [0, 9, 4, 6, 8, 2, 7, 1, 3, 5]
        return (10 - digits.reduce(0) { table[($0 + Int($1) - 48) % 10] }) % 10
    }

    private static func luhn(_ digits: some BidirectionalCollection<UInt8>) -> Int {
        var sum = 0
        for (at, digit) in digits.reversed().enumerated() {
            let value = Int(digit) - 48, doubled = value * 2
            sum += at.isMultiple(of: 2) ? doubled / 10 + doubled % 10 : value
        }
        return (10 - sum % 10) % 10
    }

    /// The digits by weights that begin at the right and begin again when they end.
    private static func sum(_ digits: some BidirectionalCollection<UInt8>, _ weights: [Int]) -> Int {
        digits.reversed().enumerated().reduce(0) { $0 + (Int($1.element) - 48) * weights[$1.offset % weights.count] }
    }

    /// What completes a sum to a multiple of 11: 0 to 10.
    private static func eleven(_ sum: Int) -> Int { (11 - sum % 11) % 11 }

    /// - Parameter digits: At most 12.
    private static func value(_ digits: some Collection<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1) - 48 } }

    private static func dutch<Word: RandomAccessCollection<UInt8>>(_ digits: Word) -> Word.SubSequence? {
        let checked = digits.dropFirst(), check = eleven(sum(checked, [2, 4, 8, 5, 10, 9, 7, 3, 6, 1]))
        guard digits.first.map({ Int($0) - 48 }) == (check == 10 ? 1 : check) else { return nil }
        if digits.count == 16 { return checked }
        let isLength = (9...14).contains(digits.count) && checked.first.map { Int($0) - 48 } == (digits.count - 2) % 10
        return isLength ? checked.dropFirst() : nil
    }
}

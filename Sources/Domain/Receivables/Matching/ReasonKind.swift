/// A reason without its amounts, counts and numbers, so that receipts which wait for the same reason stand together: `2 items of 12.00 EUR`
/// is `some items of an amount`.
package func reasonKind(_ reason: String) -> String {
    let words = reason.split(separator: " ")
    var kinds: [String] = [], at = 0
    while at < words.count {
        let next = at + 1 < words.count ? words[at + 1] : "", word = words[at]
        let isAmount = isCurrency(next), end = isAmount ? next : word
        let kind = isAmount ? "an amount" : noun(word, before: next)
        let tail = end.reversed().prefix { !$0.isLetter && !$0.isNumber }.reversed()
        let written = kind.map { "\(word.prefix { "('".contains($0) })\($0)\(String(tail))" } ?? String(word)
        at += isAmount ? 2 : 1
        // A list of numbers is several documents.
        if let last = kinds.last, kind == "a document", ["a document,", "documents,"].contains(last) {
            kinds[kinds.count - 1] = "documents\(String(tail))"
        } else {
            kinds.append(written)
        }
    }
    return kinds.joined(separator: " ")
}

/// What a word with digits stands for; nil for any other.
private func noun(_ word: Substring, before next: Substring) -> String? {
    guard word.contains(where: \.isNumber) else { return nil }
    guard word.allSatisfy({ $0.isNumber || "()".contains($0) }) else { return "a document" }
    let counted = ["items", "documents", "customers", "sums", "points", "lines"]
    return word.hasSuffix(")") || counted.contains { next.hasPrefix($0) } ? "some" : "a document"
}

/// Whether a word is a currency's code, with what separates behind it.
private func isCurrency(_ word: Substring) -> Bool {
    let letters = word.prefix { ("A"..."Z").contains($0) }
    return letters.count == 3 && word.dropFirst(3).allSatisfy { ",;:)".contains($0) }
}

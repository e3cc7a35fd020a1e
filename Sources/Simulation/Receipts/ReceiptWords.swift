import Domain

/// The words on a transfer that pays some invoices.
struct ReceiptWords {
    var remittance = ""
    var structuredReference: String?

    static func naming(_ items: [MatchIndex.Item], _ random: inout SeededRandom) -> ReceiptWords {
        let numbers = items.map(\.item.number)
        if numbers.count == 1, random.chance(perMille: 120) {
            return ReceiptWords(structuredReference: creditorReference(of: numbers[0]))
        }
        if random.chance(perMille: 80), let order = items[0].orderNumber, items.count == 1 {
            return ReceiptWords(remittance: random.pick(["Your order \(order)", "Bestellung \(order)", order, "PO \(order) thanks"]))
        }
        let written = random.pick([{ $0 }, compact, spaced, lowercased])
        let list = numbers.map(written).joined(separator: random.pick([" ", ", ", "; ", "/", " + "]))
        let opening = random.pick(["", "", "Invoice ", "Rg. ", "Payment of ", "Re.Nr. ", "Facture "]),
            closing = random.pick(["", "", " thank you", " 12.05.2025"])
        return ReceiptWords(remittance: opening + list + closing)
    }

    static func silent(_ random: inout SeededRandom) -> ReceiptWords {
        ReceiptWords(
            remittance: random.pick([
                "", "", "payment", "invoice", "Thank you", "Zahlung", "goods", "as agreed", "May 2025", "statement 5/2025",
            ]))
    }

    /// The last digits of each number.
    static func partial(_ items: [MatchIndex.Item], _ random: inout SeededRandom) -> ReceiptWords {
        let count = random.within(4...6)
        let ends = items.map { item in String(item.item.number.filter(\.isNumber).suffix(count)) }
        return ReceiptWords(remittance: random.pick(["Rg ", "inv ", ""]) + ends.joined(separator: " "))
    }

    /// The payer's own numbers, which name nothing of ours unless by chance.
    static func foreign(_ random: inout SeededRandom) -> ReceiptWords {
        let number = random.within(100_000...999_999_999)
        return ReceiptWords(
            remittance: random.pick([
                "our ref \(number)", "BATCH \(number) RUN 7", "Kd \(number % 100_000) Beleg \(number)", "EFT-\(number)",
            ]))
    }

    /// The numbers with one character of the first wrong.
    static func slipped(_ items: [MatchIndex.Item], _ random: inout SeededRandom) -> ReceiptWords {
        var number = Array(items[0].item.number), digits = number.indices.filter { number[$0].isNumber }
        digits.removeFirst(min(digits.count - 1, 4))
        let at = random.pick(digits)
        if random.chance(perMille: 500), at + 1 < number.count, number[at + 1].isNumber, number[at] != number[at + 1] {
            number.swapAt(at, at + 1)
        } else {
            number[at] = Character(String(((number[at].wholeNumberValue ?? 0) + random.within(1...9)) % 10))
        }
        return ReceiptWords(remittance: ([String(number)] + items.dropFirst().map(\.item.number)).joined(separator: " "))
    }

    /// ISO 11649: `RF`, two check digits, the number's letters and digits.
    static func creditorReference(of number: String) -> String {
        let body = number.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        var rest = 0
        for byte in "\(body)RF00".utf8 { rest = byte < 58 ? (rest * 10 + Int(byte - 48)) % 97 : (rest * 100 + Int(byte - 55)) % 97 }
        return "RF\(padded(98 - rest, 2))\(body)"
    }

    private static func compact(_ number: String) -> String { number.filter { $0.isLetter || $0.isNumber } }
    private static func spaced(_ number: String) -> String { String(number.map { $0.isLetter || $0.isNumber ? $0 : " " }) }
    private static func lowercased(_ number: String) -> String { number.lowercased() }
}

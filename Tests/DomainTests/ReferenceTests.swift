import Domain
import Testing

@Suite struct ReferenceTests {
    private let series = ["INV", "CN"]

    @Test(arguments: [
        ("INV-2026-000123", ["INV-2026-000123"]), ("inv 2026 000123", ["INV-2026-000123"]), ("INV2026000123", ["INV-2026-000123"]),
        ("Invoice/2026-000123", ["INV-2026-000123", "CN-2026-000123"]), ("2026000123", ["INV-2026-000123", "CN-2026-000123"]),
        ("CN-2026-000007 less", ["CN-2026-000007"]), ("INV-2026-000001,INV-2026-000002", ["INV-2026-000001", "INV-2026-000002"]),
        ("RINV-2026-000123", ["INV-2026-000123"]), ("INV-1899-000123", []), ("INV-2026-123", []), ("20260001", []), ("", []),
        ("INV-2026-12345678", ["INV-2026-12345678"]), ("INV-2026-123456789", []), ("DE02120300000000202051", []),
    ])
    func findsDocumentNumbers(text: String, numbers: [String]) {
        let keys = ReferenceKeys(structured: nil, remittance: text, series: series)
        #expect(keys.documentNumbers.isSuperset(of: numbers))
        if numbers.isEmpty { #expect(keys.documentNumbers == []) }
        #expect(ReferenceKeys(structured: text, remittance: "", series: series).documentNumbers == keys.documentNumbers)
    }

    /// What another series or another word may be must never come out of a number that names its own.
    @Test(arguments: ["INV-2026-000123", "inv 2026 000123"]) func aNamedSeriesIsTheOnlyOne(text: String) {
        let keys = ReferenceKeys(structured: nil, remittance: text, series: series)
        #expect(!keys.documentNumbers.contains("INV-2026-000124"))
        #expect(keys.documentNumbers.allSatisfy { $0.hasSuffix("-2026-000123") })
    }

    @Test(arguments: [
        ("order po-77812 thanks", ["po-77812", "PO-77812", "77812"]), ("1001 of 2026", []), ("#1001", ["#1001"]), ("A12B", []),
        ("ORDER", []), ("536365", ["536365"]),
        ("ref:536365;536366", ["536365", "536366"]), ("(7900770)", ["7900770"]),
    ])
    func findsWordsThatMayBeNumbers(text: String, words: [String]) {
        let keys = ReferenceKeys(structured: nil, remittance: text, series: series)
        #expect(keys.words.isSuperset(of: words))
        if words.isEmpty { #expect(keys.words == []) }
    }

    /// A structured reference counts whatever its length; a valid RF reference also by what it carries.
    @Test(arguments: [
        ("RF18539007547034", ["RF18539007547034", "539007547034"]), ("RF18 5390 0754 7034", ["RF18539007547034", "539007547034"]),
        ("12", ["12"]), ("RF00539007547034", ["RF00539007547034"]),
    ])
    func readsStructuredReferences(text: String, words: [String]) {
        let keys = ReferenceKeys(structured: text, remittance: "", series: series)
        #expect(keys.words.isSuperset(of: words))
        #expect(keys.words.contains("539007547034") == words.contains("539007547034"))
    }

    @Test(arguments: [
        ("RF18539007547034", true), ("RF45G72UUR", true), ("RF6518K5", true), ("RF51C4", true), ("RF18539007547035", false),
        ("RF00539007547034", false),
        ("rf18539007547034", false), ("RF18 5390 0754 7034", false), ("RF18", false), ("", false), ("RFXX539007547034", false),
        ("RF18é", false),
        ("GB18539007547034", false), ("RF18" + String(repeating: "5", count: 22), false),
    ])
    func checksCreditorReferences(text: String, isValid: Bool) { #expect(isCreditorReference(text) == isValid) }

    @Test(arguments: [
        ("Meyer Werkzeuge GmbH", "MEYER WERKZEUGE"), ("Smith & Sons Ltd.", "SMITH SONS"), ("SMITH, SONS (LIMITED)", "smith sons"),
        ("Müller AG", "MÜLLER"), ("Société Générale S.A.", "société générale s a"), ("LTD", "Ltd"), ("A.B.C. Inc", "abc"), ("A B C", "ABC"),
    ])
    func foldsNamesAlike(left: String, right: String) { #expect(foldedName(left) == foldedName(right)) }

    @Test(arguments: [
        ("Meyer", "Meier"), ("Smith and Sons", "Smith & Sons"), ("Cook", "Co"), ("Sandra", "Sa Ndra Ltd Co X"), ("", "A"), ("GmbH", "Ltd"),
    ])
    func keepsDifferentNamesApart(left: String, right: String) { #expect(foldedName(left) != foldedName(right)) }

    @Test(arguments: [
        ("Müller GmbH", "MUELLER GMBH"), ("Mu\u{308}ller GmbH", "Mueller"), ("Müller", "MULLER"), ("Kværner A/S", "KVAERNER AS"),
        ("Østergaard ApS", "OESTERGAARD"), ("Ångström AB", "AANGSTROEM"), ("Łódź Sp. z o.o.", "LODZ SP ZOO"), ("Acme S. r. o.", "Acme"),
        ("Софарма Трейдинг АД", "SOFARMA TREYDING AD"), ("ООО «Юнион»", "OOO YUNION"), ("ООО Юнион", "IUNION"),
        ("Щербаков и сыновья", "SHCHERBAKOV I SYNOVIA"), ("ΑΘΗΝΑΪΚΑ ΤΡΟΦΙΜΑ Α.Ε.", "ATHINAIKA TROFIMA AE"),
        ("Παπαδόπουλος ΕΠΕ", "PAPADOPOYLOS"), ("Παπαδόπουλος", "Papadopoulos EPE"),
    ])
    func aBankWritesANameInLatinLetters(own: String, written: String) {
        #expect(nameSpellings(own).contains(foldedName(written)))
    }

    @Test(arguments: [("Smith Ltd", ["SMITH"]), ("Müller", ["MULLER", "MUELLER"]), ("Café", ["CAFE"]), ("", []), ("株式会社", ["株式会社"])])
    func spellsANameInFewWays(name: String, spellings: [String]) { #expect(nameSpellings(name) == spellings) }
}

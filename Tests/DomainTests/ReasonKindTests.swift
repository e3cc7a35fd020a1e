import Domain
import Testing

@Suite struct ReasonKindTests {
    @Test(arguments: [
        ("2 items of 12.00 EUR, and no reference", "some items of an amount, and no reference"),
        ("no reference, and no item of 1,161.38 GBP", "no reference, and no item of an amount"),
        (
            "9.01 EUR paid against 60.00 EUR named, and the payer is not known",
            "an amount paid against an amount named, and the payer is not known"
        ),
        ("INV-1 in the text is no open document of ours", "a document in the text is no open document of ours"),
        ("INV-1, INV-2, 4711 add up to 7 JPY, but among 812 sums", "documents add up to an amount, but among some sums"),
        ("nearly as likely (60 points against 55)", "nearly as likely (some points against some)"),
        ("the references name documents of 2 customers", "the references name documents of some customers"),
        ("the payer is not known", "the payer is not known"),
    ])
    func leavesOutWhatDiffers(reason: String, kind: String) { #expect(reasonKind(reason) == kind) }
}

import Formats
import Testing

@Suite struct CSVTextTests {
    @Test(arguments: [
        ("Meyer GmbH", "Meyer GmbH"), ("", ""), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("two\r\nlines", "\"two\r\nlines\""), ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""), ("-1+2", "'-1+2"), ("@SUM", "'@SUM"),
        ("\t=1", "'\t=1"), ("Größe, Stück", "\"Größe, Stück\""),
    ])
    func aTextIsAField(text: String, field: String) { #expect(csvText(text) == field) }
}

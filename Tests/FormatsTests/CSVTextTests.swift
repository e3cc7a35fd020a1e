import Formats
import Testing

@Suite struct CSVTextTests {
    @Test(arguments: [
        ("Meyer GmbH", "Meyer GmbH"), ("", ""), ("a,b", "\"a,b\""), ("say \"no\"", "\"say \"\"no\"\"\""), ("two\nlines", "\"two\nlines\""),
        ("two\r\nlines", "\"two\r\nlines\""), ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""), ("-1+2", "'-1+2"), ("@SUM", "'@SUM"),
        ("\t=1", "'\t'=1"), ("x;=1+1", "x;'=1+1"), ("x; @SUM", "x; '@SUM"), ("x\t-1", "x\t'-1"), ("1;2=3", "1;2=3"), ("\r=1", "\"'\r=1\""),
        ("\n=1", "\"'\n=1\""), ("\u{FF1D}1+1", "'\u{FF1D}1+1"), ("\u{FF0B}1", "'\u{FF0B}1"),
        ("\u{FF0D}1", "'\u{FF0D}1"), ("\u{FF20}SUM", "'\u{FF20}SUM"), ("\u{200B}=1", "[U+200B]=1"), ("Mey\u{202E}er", "Mey[U+202E]er"),
        ("Größe, Stück", "\"Größe, Stück\""),
    ])
    func aTextIsAField(text: String, field: String) { #expect(csvText(text) == field) }
}

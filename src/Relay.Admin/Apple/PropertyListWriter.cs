using System.Globalization;
using System.Text;
using System.Xml;

namespace Relay.Admin.Apple;

/// <summary>
/// Writes an XML property list. Texts are escaped by the XML writer; what XML cannot hold is refused by it.
/// </summary>
internal sealed class PropertyListWriter : IDisposable
{
    private readonly XmlWriter _xml;

    /// <summary>Begins a list.</summary>
    public PropertyListWriter(Stream output)
    {
        _xml = XmlWriter.Create(output, new XmlWriterSettings
        {
            Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            Indent = true,
            NewLineChars = "\n",
        });
        _xml.WriteStartDocument();
        _xml.WriteDocType(
            "plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null);
        _xml.WriteStartElement("plist");
        _xml.WriteAttributeString("version", "1.0");
    }

    /// <summary>Begins a dictionary.</summary>
    public PropertyListWriter BeginDictionary() => Begin("dict");

    /// <summary>Begins an array.</summary>
    public PropertyListWriter BeginArray() => Begin("array");

    /// <summary>Ends what was begun last.</summary>
    public PropertyListWriter End()
    {
        _xml.WriteEndElement();
        return this;
    }

    /// <summary>The key of what comes next.</summary>
    public PropertyListWriter Key(string key)
    {
        _xml.WriteElementString("key", key);
        return this;
    }

    /// <summary>A text under a key.</summary>
    public PropertyListWriter Text(string key, string text)
    {
        Key(key)._xml.WriteElementString("string", text);
        return this;
    }

    /// <summary>An array of texts under a key.</summary>
    public PropertyListWriter Texts(string key, IEnumerable<string> texts)
    {
        Key(key).BeginArray();
        foreach (var text in texts)
            _xml.WriteElementString("string", text);
        return End();
    }

    /// <summary>A number under a key.</summary>
    public PropertyListWriter Integer(string key, int number)
    {
        Key(key)._xml.WriteElementString("integer", number.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _xml.WriteEndElement();
        _xml.Dispose();
    }

    private PropertyListWriter Begin(string element)
    {
        _xml.WriteStartElement(element);
        return this;
    }
}

//! What vendors document of the forms in which they send and hash a value. The digests were made with `openssl dgst -sha256` of the text in
//! the third column.

use super::*;

/// Microsoft (UET), Reddit, Google, Meta, Snap, Pinterest, LinkedIn, TikTok and X document between them how an e-mail address and a number
/// are written before they are hashed; the rest is Meta's, Pinterest's and TikTok's, and what sites are seen to do.
#[test]
fn hashes_of_documented_forms_are_found() {
    for (kind, value, hashed, digest) in [
        (Email, "J.Bloggs+nhs@Post.Example", "jbloggs@post.example", "f76cc1a22afb2b2fb9da3f6a65b7592e6679f7715d9fddfd68bf3df538d08df5"),
        (Email, "j.bloggs+nhs@post.example", "j.bloggs@post.example", "5ae2ba222c94dd7a16d74772ee11713772e883bf6c0ec5f70ca19c36eb26209c"),
        (Email, "José.Ruiz@post.example", "joseruiz@post.example", "7f497b51b1830f1efa3f03b164a83329f88b2683457e3537444da174c52fb0ad"),
        (
            Email,
            " Alex.Morgan@Post.Example ",
            "alex.morgan@post.example",
            "98f6f78ddc565a02d0e12532d5989f3c4d1d48def1e3797104378dbe43bc2cbb",
        ),
        (Email, "al.ex+a@gmail.com", "alex@gmail.com", "ac63227f09590a0c4383daa7c0008cf9e15f9ca219e02bdb92523b9693ec3c30"),
        (Phone, "07700 900123", "00447700900123", "970d5abc6624b35e0e3848baf9b76535f2f5c49045593e9b812327a667f2bf83"),
        (Phone, "00 44 7700 900123", "447700900123", "033134b911b137918338415ee3d20a064b24773d36a3b02e8b99fdd3fcd6b4cd"),
        (Phone, "0044 7700 900123", "+447700900123", "a8acc3a90a7b4e4dc65e93db9240ed26523050ef754d63b75b5161de76781436"),
        (Phone, "+49 (30) 23125 014", "493023125014", "6e9af3ae87ffd0f24382a44daf0375621b64d44befdb01c196a84675cc69843c"),
        (Phone, "0049 30 23125014", "+493023125014", "6f3dc6122f5ec316f49aa4b42eeb5d80ef3164a916d0e175ef86da9fe5531a61"),
        (Phone, "+1 202 555 0123", "0012025550123", "8d4adad04604fc986fb98666575846133a38d88adbe6855a9e352e1022d42605"),
        (FirstName, "José", "jose", "1ec4ed037766aa181d8840ad04b9fc6e195fd37dedc04c98a5767a67d3758ece"),
        (FirstName, "Zoë", "ZOE", "3ffd36fca5df7da4a6f44c89363311526e8b86765bba20c6500abae526047862"),
        (LastName, "Núñez-O'Brien", "nunezobrien", "36a69f8b745a87f4314b2dbcb8906ab78c03d4e2595f6b694f7af49b31f51242"),
        (LastName, "Müller", "müller", "2dbd218072117713f2d5996a726a9b216ed791ffd0783b6ba4ab6d61b8333192"),
        (FullName, "José García Núñez", "jose", "1ec4ed037766aa181d8840ad04b9fc6e195fd37dedc04c98a5767a67d3758ece"),
        (FullName, "José García Núñez", "nunez", "d568bf09de0c3e5d4a2ab6a8dcdd0f63ca915c0f4e243fa9875d12fca3e6143a"),
        (FullName, "Ana De León", "anadeleon", "d0516de6f855361d4eb8624a82b27b83e169de8976821641b02c2521ed369076"),
        (SearchTerm, "Épilepsie enfant", "epilepsie enfant", "4d677a4670521c6319cafa257e4c27b60fc3cf3ac0e82ad45214c6e62778f65a"),
        (DateOfBirth, "1990-02-01", "19900201", "da46d11754d3613222df07510993fc17f1959aa7bae47295e3f8a6550bc06426"),
        (DateOfBirth, "1990-02-01", "01021990", "f4783c7d00b1fc5bfc9d01de56538d3b8724dcc07e760ed411b342303e9c9f24"),
        (DateOfBirth, "1990-02-01", "02011990", "6e75247dbb85f7d1244a1f5853c0f70837cc5b1595881e626768944b06dd9424"),
        (DateOfBirth, "1990-02-01", "01/02/1990", "0cdcdfa346c2941ebb9ee8d5a8a98db8181e68ab7a76edaebb62ab7e181bd2bf"),
        (DateOfBirth, "1990-02-01", "02/01/1990", "0c68db80af76d26f65a03272a762a69404a3d4423edf388bb4839a3a04fde0b3"),
        (DateOfBirth, "1990-02-01", "1990/02/01", "17479ace43556622a485f8a3b18e1df64135987a30e95e0e63a3c2024ea46c98"),
        (DateOfBirth, "1990-02-01", "01-02-1990", "6b9a1d2dc1a75794d744fab07e23b59a3836e1c9b8c300d8dc96871e200645a9"),
        (DateOfBirth, "1990-02-01", "02-01-1990", "4906d9adff2e202e5e240e990d8694d2918c822547ea4a28b63fc223b87fd9b5"),
        (DateOfBirth, "1990-02-01", "01.02.1990", "13af659a8dcea9d1024b2e445aedd04939edac712b4d430b8495f68fde276c96"),
        (Postcode, "SW1A 1AA", "sw1a1aa", "830e1d4b9838bab1f5c2acdb23e0b502ff13a9832c4632e8d67a1d43d3b7f614"),
        (Postcode, "sw1a 1aa", "SW1A1AA", "5bbec9d03f12671bb77e1f5a2ad2452dc102c115ce339e514e888127378e9121"),
        (Postcode, "SW1A 1AA", "sw1a", "e2d55ca6a6a67066c037ccdd2dfd04b3ea925bcb3682e8ea6098c9132d140c36"),
        (Postcode, "SW1A 1AA", "SW1A", "ce3a93c23d4f7f838a6d0bca6c19adaf81f5406d0f2f8f8030a2f19d57610709"),
        (Postcode, "SW1A 1AA", "sw1a1", "949af780a19e6f6d4b99d7044743348dbbb7ab2245fe146863573b23d02c5890"),
        (Postcode, "90210-1234", "90210", "b83c588da0c6931625f42e0948054a3ade722bfd02c27816305742ed7390ac6c"),
        (Postcode, "90210-1234", "902101234", "9b843a9feed64c8b8fbf6da342c4b65f8b98e995e54b2314d1f8f2932c4b7308"),
    ] {
        let found = in_url(kind, value, &format!("?ud={digest}"));
        assert!(found.starts_with("query ud [Sha256{") && !found.contains('|'), "{value} as {hashed}: {found}");
        // In the clear the same text is found too, but for a part of a postcode and of a full name, which say too little by themselves.
        let is_part = (kind == Postcode && hashed.len() < 6 && value.len() > 5) || (kind == FullName && !hashed.contains("deleon"));
        let found = in_url(kind, value, &format!("?ud={}", hashed.replace('+', "%2B").replace(' ', "%20")));
        assert_eq!(found.starts_with("query ud "), !is_part && hashed != "anadeleon", "{value} as {hashed}: {found}");
    }
}

#[test]
fn other_ways_to_write_a_value_are_found_in_the_clear() {
    for (kind, value, text) in [
        (Email, "j.bloggs+nhs@post.example", "jbloggs@post.example"),
        (Email, "j.bloggs+nhs@post.example", "J.Bloggs@post.example"),
        (Phone, "+1 202 555 0123", "001 202 555 0123"),
        (Phone, "001 202 555 0123", "+12025550123"),
        (Phone, "07700 900123", "0044-7700-900123"),
        (FirstName, "José", "JOSE"),
        (LastName, "Núñez-O'Brien", "nunezobrien"),
        (SearchTerm, "épilepsie enfant", "epilepsie-enfant"),
        (DateOfBirth, "1990-02-01", "1/2/1990"),
        (DateOfBirth, "1990-02-01", "2/1/1990"),
        (DateOfBirth, "1990-02-01", "1.2.1990"),
        (DateOfBirth, "1990-02-01", "01021990"),
        (Postcode, "SW1A 1AA", "sw1a1aa"),
    ] {
        assert_eq!(in_body(kind, value, text.as_bytes()), format!("body [] {text} <{text}>"), "{value} in {text}");
    }
    assert_eq!(in_body(DateOfBirth, "1990-02-01", br#"{"db":1021990,"b":19900201}"#), "JSON /b [] 19900201 <19900201>");
}

#[test]
fn what_only_looks_like_another_way_to_write_it_is_not_claimed() {
    for (kind, value, text) in [
        (Email, "j.bloggs+nhs@post.example", "bloggs@post.example"),
        (Email, "j.bloggs+nhs@post.example", "jbloggs@post.example.org"),
        (Email, "j.bloggs@post.example", "j.bloggs+nhs@post.example"),
        (Phone, "+1 202 555 0123", "30012025550123"),
        (Phone, "+1 202 555 0123", "000012025550123"),
        (FirstName, "Jose", "Josef"),
        (FirstName, "José", "josefine"),
        (DateOfBirth, "1990-02-01", "11/2/1990"),
        (DateOfBirth, "1990-02-01", "1/2/19901"),
        (DateOfBirth, "1990-02-01", "0102199012"),
        (DateOfBirth, "1990-02-01", "a01021990"),
        (Postcode, "SW1A 1AA", "sw1a"),
        (Postcode, "90210-1234", "90210"),
    ] {
        assert_eq!(in_body(kind, value, text.as_bytes()), "", "{value} in {text}");
        assert_eq!(in_url(kind, value, &format!("?x={}", text.replace('+', "%2B"))), "", "{value} in {text}");
    }
}

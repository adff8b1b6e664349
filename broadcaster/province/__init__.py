"""The province's source information system (Circular 39/2020/TT-BTTTT): bulletins pulled, receipts sent.

    wire      the documented JSON form: bulletins and receipts, checked row by row
    system    who answers: a `Protocol`, and its maker over HTTP
    models    the link, what came, the receipts
    service   taking rows in, receipts, the link's settings

The annex that fixes the real interface is not public. What stands here is our own form of it (`docs/province.md`): a
province that has another one writes another maker of `system.SourceSystem`. What becomes of a bulletin is joined in
`broadcaster.jobs.province`: a draft in review, or a warning like those by CAP.
"""

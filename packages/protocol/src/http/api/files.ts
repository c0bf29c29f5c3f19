import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import {
  FileChangedReply,
  FileConflict,
  FileMoveBody,
  FileQuery,
  FileReadReply,
  FileRestoreBody,
  FileSearchQuery,
  FileSearchReply,
  FilesQuery,
  FilesReply,
  FileTrashedReply,
  FileUploadQuery,
  FileWriteBody,
  FileWriteReply,
  FolderBody,
  TrashReply
} from "../files.ts"
import { badRequest, conflict, forbidden, notFound, says, wrong } from "./endpoint.ts"

const refusals = [badRequest, forbidden, notFound, wrong] as const

export const filesGroup = () =>
  HttpApiGroup.make("files").add(
    HttpApiEndpoint.get("list", "/files", {
      query: FilesQuery.fields,
      success: FilesReply,
      error: refusals
    }).annotateMerge(says("What is in a folder of the workspace")),
    HttpApiEndpoint.delete("trash", "/files", {
      query: FileQuery.fields,
      success: FileTrashedReply,
      error: refusals
    }).annotateMerge(says("Put a file or a folder into the trash")),
    HttpApiEndpoint.get("read", "/files/content", {
      query: FileQuery.fields,
      success: FileReadReply,
      error: refusals
    }).annotateMerge(says("Content of a file, with its revision")),
    HttpApiEndpoint.put("write", "/files/content", {
      payload: FileWriteBody,
      success: FileWriteReply,
      error: [...refusals, FileConflict.pipe(HttpApiSchema.status(409))]
    }).annotateMerge(says("Write a file, based on a revision or over whatever is there")),
    HttpApiEndpoint.post("makeFolder", "/files/folders", {
      payload: FolderBody,
      success: FileChangedReply,
      error: [...refusals, conflict]
    }).annotateMerge(says("Make a folder, and those above it")),
    HttpApiEndpoint.post("move", "/files/move", {
      payload: FileMoveBody,
      success: FileChangedReply,
      error: [...refusals, conflict]
    }).annotateMerge(says("Move or rename")),
    HttpApiEndpoint.get("listTrash", "/files/trash", { success: TrashReply }).annotateMerge(
      says("What is in the trash")
    ),
    HttpApiEndpoint.post("restore", "/files/restore", {
      payload: FileRestoreBody,
      success: FileChangedReply,
      error: [...refusals, conflict]
    }).annotateMerge(says("Bring something back from the trash")),
    HttpApiEndpoint.post("upload", "/files/upload", {
      query: FileUploadQuery.fields,
      payload: HttpApiSchema.StreamUint8Array(),
      success: FileWriteReply,
      error: [...refusals, conflict]
    }).annotateMerge(says("Upload a file: the body is its bytes")),
    HttpApiEndpoint.get("download", "/files/download", {
      query: FileQuery.fields,
      success: HttpApiSchema.StreamUint8Array(),
      error: refusals
    }).annotateMerge(says("Download a file")),
    HttpApiEndpoint.get("view", "/files/view", {
      query: FileQuery.fields,
      success: HttpApiSchema.StreamUint8Array(),
      error: refusals
    }).annotateMerge(
      says("A file as a page", "For a frame: in a sandbox of its own origin, whatever it holds. At most 16 MiB.")
    ),
    HttpApiEndpoint.get("search", "/files/search", {
      query: FileSearchQuery.fields,
      success: FileSearchReply,
      error: refusals
    }).annotateMerge(says("Search in the files of the workspace"))
  )
